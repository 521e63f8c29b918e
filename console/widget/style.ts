// How the chat looks. Inside a shadow root: the page's styles do not reach it, and it does not reach the page.

export const STYLE = `
:host { all: initial; --surface: #ffffff; --raised: #f1f3f5; --line: #dfe3e7; --text: #16191d; --quiet: #5a6470; --bad: #b42318;
  --shadow: 0 12px 40px rgba(15, 23, 42, .22), 0 2px 8px rgba(15, 23, 42, .12); --side: 20px; color-scheme: light; }
@media (prefers-color-scheme: dark) { :host { --surface: #17191d; --raised: #262a30; --line: #363c44; --text: #eceff2; --quiet: #a3adb8;
  --bad: #ff9b8f; --shadow: 0 12px 40px rgba(0, 0, 0, .6); color-scheme: dark; } }
*, *::before, *::after { box-sizing: border-box; }
.root { font: 400 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; color: var(--text); text-align: start; }
[hidden] { display: none !important; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; margin: 0; cursor: pointer; }
button:disabled { cursor: default; opacity: .45; }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; display: block; }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 70%, var(--text)); outline-offset: 2px; }
.launcher { position: fixed; z-index: 2147483000; inset-block-end: calc(20px + env(safe-area-inset-bottom)); inset-inline-end: calc(var(--side) + env(safe-area-inset-right));
  width: 60px; height: 60px; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: var(--shadow); display: grid; place-items: center;
  transition: transform .15s ease; }
.left .launcher, .left .panel { inset-inline-end: auto; inset-inline-start: calc(var(--side) + env(safe-area-inset-left)); }
.launcher:hover { transform: scale(1.05); }
.launcher svg { width: 28px; height: 28px; }
.badge { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; background: #c81e1e; color: #fff;
  font-size: 13px; font-weight: 700; line-height: 22px; text-align: center; }
.panel { position: fixed; z-index: 2147483001; inset-block-end: calc(92px + env(safe-area-inset-bottom)); inset-inline-end: calc(var(--side) + env(safe-area-inset-right));
  width: 384px; height: min(620px, calc(100dvh - 116px)); display: flex; flex-direction: column; background: var(--surface); border-radius: 16px; overflow: hidden;
  box-shadow: var(--shadow); border: 1px solid var(--line); }
header { display: flex; align-items: center; gap: 12px; padding: 14px 12px 14px 18px; background: var(--accent); color: var(--on-accent); flex: none; }
h2 { font-size: 17px; font-weight: 650; line-height: 1.3; margin: 0; flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.round { width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; flex: none; }
.round:hover:not(:disabled) { background: color-mix(in srgb, currentColor 14%, transparent); }
header :focus-visible { outline-color: currentColor; }
.notice { padding: 8px 16px; font-size: 13.5px; background: var(--raised); border-bottom: 1px solid var(--line); color: var(--quiet); flex: none; }
.notice.bad { color: var(--bad); }
.notice button { font-weight: 600; text-decoration: underline; margin-inline-start: 8px; }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 16px; display: flex; flex-direction: column; gap: 3px; min-height: 0; }
.log:focus-visible { outline-offset: -3px; }
.log > :first-child { margin-block-start: auto; }
.day, .more { align-self: center; color: var(--quiet); font-size: 12.5px; margin: 10px 0 6px; }
.more { text-decoration: underline; padding: 6px 12px; }
.who { color: var(--quiet); font-size: 12.5px; margin: 8px 4px 1px; }
.line { display: flex; flex-direction: column; max-width: 84%; align-self: flex-start; align-items: flex-start; gap: 3px; }
.line.own { align-self: flex-end; align-items: flex-end; margin-block-start: 6px; }
.bubble { padding: 9px 13px; border-radius: 16px; border-end-start-radius: 5px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere; max-width: 100%; }
.own .bubble { background: var(--accent); color: var(--on-accent); border-end-start-radius: 16px; border-end-end-radius: 5px; }
.bubble a { color: inherit; text-decoration: underline; text-underline-offset: 2px; }
.state { color: var(--quiet); font-size: 12.5px; margin: 1px 4px 4px; display: flex; gap: 8px; flex-wrap: wrap; justify-content: flex-end; }
.state.bad { color: var(--bad); }
.state button { text-decoration: underline; font-weight: 600; }
.picture { display: block; border-radius: 14px; overflow: hidden; max-width: 240px; border: 1px solid var(--line); background: var(--raised); }
.picture img { display: block; max-width: 100%; max-height: 260px; }
.document { display: flex; align-items: center; gap: 8px; text-align: start; }
.document span { text-decoration: underline; overflow-wrap: anywhere; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin: 6px 0 4px; }
.choice { border: 1.5px solid var(--ink); color: var(--ink); border-radius: 20px; padding: 8px 15px; min-height: 40px; font-weight: 600; text-align: start; }
.choice:hover { background: var(--raised); }
.choice small { display: block; font-weight: 400; color: var(--quiet); }
.typing { display: flex; align-items: center; gap: 5px; padding: 12px 14px; margin-block-start: 6px; border-radius: 16px; background: var(--raised); align-self: flex-start; }
.typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--quiet); animation: blink 1.2s infinite both; }
.typing i:nth-of-type(2) { animation-delay: .2s; } .typing i:nth-of-type(3) { animation-delay: .4s; }
@keyframes blink { 0%, 70%, 100% { opacity: .3; } 35% { opacity: 1; } }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
form { border-top: 1px solid var(--line); padding: 8px 8px calc(8px + env(safe-area-inset-bottom)); flex: none; background: var(--surface); margin: 0; }
.row { display: flex; align-items: flex-end; gap: 2px; }
.row .round { color: var(--quiet); }
.row .send { background: var(--accent); color: var(--on-accent); }
.row .send:hover:not(:disabled) { background: color-mix(in srgb, var(--accent) 88%, #000); }
/* 16px: a phone does not zoom into smaller ones. */
textarea { flex: 1; font: inherit; font-size: 16px; line-height: 1.4; color: inherit; background: none; border: 0; resize: none; padding: 11px 6px; max-height: 132px; min-width: 0; outline: 0; }
textarea:focus-visible { outline: 0; }
.row { border-radius: 24px; box-shadow: 0 0 0 1px var(--line); }
.row:has(textarea:focus) { box-shadow: 0 0 0 2px var(--ink); }
textarea::placeholder { color: var(--quiet); opacity: 1; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; padding: 2px 4px 8px; }
.chip { display: flex; align-items: center; gap: 4px; background: var(--raised); border-radius: 14px; padding-inline-start: 12px; font-size: 13.5px; max-width: 100%; }
.chip span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 190px; }
.chip button { width: 32px; height: 32px; display: grid; place-items: center; }
.chip svg { width: 15px; height: 15px; }
.chip.busy { opacity: .6; }
@media (max-width: 520px), (max-height: 460px) {
  .panel, .left .panel { inset: 0; inset-block-start: var(--top, 0); width: 100%; height: var(--height, 100dvh); border-radius: 0; border: 0; }
  header { padding-block-start: calc(10px + env(safe-area-inset-top)); padding-inline: calc(16px + env(safe-area-inset-left)) calc(8px + env(safe-area-inset-right)); }
  .log { padding-inline: calc(14px + env(safe-area-inset-left)) calc(14px + env(safe-area-inset-right)); }
  .open .launcher { display: none; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .bubble, .launcher, .panel, .choice, .row .send { border: 1px solid; } }
@media print { .root { display: none; } }
`;
