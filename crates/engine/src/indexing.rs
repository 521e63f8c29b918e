//! Takes new messages into the search, long after they were stored: until then every search reads them whole.

use std::sync::Arc;

use frontdesk_kernel::{Scope, scope::Server};
use frontdesk_store::{Result, search::chunks, work};

use crate::Desk;

/// Does what there is to do, a chunk at a time. Returns how many chunks were made.
pub async fn index(desk: &Arc<Desk>) -> Result<usize> {
    let mut made = 0;
    let tenants = desk.db.read(&Server, work!(tx => chunks::tenants_with_work(tx, &Server, chunks::SIZE).await)).await?;
    for tenant in tenants {
        let scope = Scope::of(tenant);
        while !desk.stop.is_cancelled() {
            let s = scope.clone();
            let more = desk
                .db
                .write(&scope, work!(tx => Ok(chunks::rebuild(tx, &s).await? || chunks::build(tx, &s, chunks::SIZE).await?)))
                .await?;
            if !more {
                break;
            }
            made += 1;
            // Others write too.
            tokio::task::yield_now().await;
        }
    }
    Ok(made)
}
