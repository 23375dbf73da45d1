// @ts-check

/** The page's style. Its hash is in the page's Content-Security-Policy. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #14171c);
  --card: light-dark(#ffffff, #1c2129);
  --line: light-dark(#dfdbd2, #343b47);
  --ink: light-dark(#1f2328, #e6e8eb);
  --soft: light-dark(#57606a, #a3adb9);
  --accent: light-dark(#0b5d52, #6fd3c3);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif;
}
main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { margin: 0 0 1rem; font-size: clamp(1.6rem, 1.2rem + 2vw, 2.3rem); line-height: 1.15; letter-spacing: -0.02em; }
h2 { margin: 0; font-size: 1.1rem; }
p { margin: 0.5rem 0; }
a { color: var(--accent); text-underline-offset: 0.2em; }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
ol { list-style: none; margin: 2rem 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; counter-reset: step; }
li {
  position: relative;
  padding: 1.1rem 1.25rem 1.25rem 3.75rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.75rem;
  counter-increment: step;
}
li::before {
  content: counter(step);
  position: absolute;
  left: 1.25rem;
  top: 1.1rem;
  width: 1.75rem;
  height: 1.75rem;
  border-radius: 50%;
  background: var(--accent);
  color: var(--card);
  font-weight: 700;
  line-height: 1.75rem;
  text-align: center;
}
li p, .note, footer { color: var(--soft); }
code { font: 0.875em/1.5 ui-monospace, monospace; }
pre {
  margin: 0.75rem 0 0;
  padding: 0.75rem 1rem;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  background: var(--paper);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
}
pre code { font-size: 0.8125rem; user-select: all; }
footer { margin-top: 2rem; border-top: 1px solid var(--line); }
@media (max-width: 34rem) {
  main { padding-top: 1.75rem; }
  li { padding-left: 1.25rem; padding-top: 3.5rem; }
}
`
