//! The document in CycloneDX's form. Nothing in it depends on when or where it was written.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Part;

/// The first of `crates` is the whole.
pub(super) fn text(crates: &[Part], packages: &[Part]) -> Result<String> {
    let (whole, crates) = crates.split_first().context("there is no program")?;
    let parts = || crates.iter().chain(packages);
    let mut needs: Vec<Value> = parts().map(|part| json!({ "ref": part.purl, "dependsOn": part.needs })).collect();
    // The console is built into the program.
    let all = whole.needs.iter().chain(packages.iter().map(|package| &package.purl));
    needs.insert(0, json!({ "ref": whole.purl, "dependsOn": all.collect::<Vec<_>>() }));
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": component(whole, "application") },
        "components": parts().map(|part| component(part, "library")).collect::<Vec<_>>(),
        "dependencies": needs,
    });
    Ok(format!("{document:#}\n"))
}

fn component(part: &Part, kind: &str) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [{ "expression": part.licence }],
    });
    if let Some((algorithm, sum)) = &part.checksum {
        component["hashes"] = json!([{ "alg": algorithm, "content": sum }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn part(purl: &str, needs: &[&str]) -> Part {
        Part {
            purl: purl.to_owned(),
            name: purl.to_owned(),
            version: "1".to_owned(),
            licence: "MIT".to_owned(),
            checksum: (purl != "whole").then(|| ("SHA-256", "ab".to_owned())),
            needs: needs.iter().map(|&need| need.to_owned()).collect::<BTreeSet<_>>(),
        }
    }

    #[test]
    fn every_part_is_a_component_and_every_need_is_one_of_them() {
        let crates = [part("whole", &["a"]), part("a", &["b"]), part("b", &[])];
        let text = text(&crates, &[part("p", &[])]).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["metadata"]["component"]["bom-ref"], "whole");
        assert!(document["metadata"]["component"]["hashes"].is_null());
        let known: Vec<&str> =
            document["components"].as_array().unwrap().iter().map(|c| c["bom-ref"].as_str().unwrap()).collect();
        assert_eq!(known, ["a", "b", "p"]);
        assert_eq!(document["components"][0]["hashes"][0]["content"], "ab");
        let needs = document["dependencies"].as_array().unwrap();
        assert_eq!(needs[0], json!({ "ref": "whole", "dependsOn": ["a", "p"] }));
        assert!(needs.iter().flat_map(|n| n["dependsOn"].as_array().unwrap()).all(|n| known.contains(&n.as_str().unwrap())));
    }
}
