// @ts-check
import { createHash } from 'node:crypto'
import { createCurlLines, SAMPLE_PATH } from './curl-lines.js'
import { PAGE_STYLE } from './page-style.js'

const STYLE_HASH = createHash('sha256').update(PAGE_STYLE).digest('base64')

const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/**
 * The page at `/`: what runs here and the lines to try. It loads nothing from anywhere and holds no secret.
 * @param {string} origin
 * @returns {import('express').RequestHandler}
 */
export function createPage(origin) {
  const html = toHtml(createCurlLines(origin, null))
  return (_req, res) => {
    res.set(HEADERS).type('html').send(html)
  }
}

/** @param {ReturnType<typeof createCurlLines>} lines */
function toHtml({ issue, download, list, revoke }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Files behind access tokens · Hallpass</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>Files behind access tokens</h1>
<p>This server hands out its files to whoever has a token for them. A token is limited by path, time and number of
requests, it can be listed, and it stops working at once when it is revoked.</p>
<p>One of the files is <a href="${SAMPLE_PATH}"><code>${SAMPLE_PATH}</code></a>. The link is plain: it answers
<strong>401</strong>, because it carries no token.</p>
</header>
<ol>
${toStep('Issue a token', 'For <code>/files/reports/</code>, 6 hours, 5 requests. It goes into <code>$TOKEN</code>.', issue)}
${toStep('Download a file with it', 'Five times; the sixth answer is <strong>402</strong>.', download)}
${toStep('See it in the list', 'With what is left of its time and its credits. The text of a token is never shown again.', list)}
${toStep('Revoke it', 'Put its <code>id</code> from the list at the end. The next request with it is refused.', revoke)}
</ol>
<p class="note">The user is <code>admin</code>. The password is in the terminal where this server was started, or in
<code>ADMIN_PASSWORD</code>; curl asks for it where the shell does not have it. A link that opens in a browser is
printed there too.</p>
<footer>
<p>All routes of <code>/tokens</code>: <a href="/tokens/openapi.json">OpenAPI document</a> ·
<a href="/tokens/jwks.json">public keys</a></p>
</footer>
</main>
</body>
</html>
`
}

/**
 * @param {string} title
 * @param {string} note HTML
 * @param {string} line
 */
function toStep(title, note, line) {
  return `<li>
<h2>${title}</h2>
<p>${note}</p>
<pre><code>${escapeHtml(line)}</code></pre>
</li>`
}

/** @param {string} text */
function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
