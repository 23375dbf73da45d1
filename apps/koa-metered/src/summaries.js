// @ts-check
import { ApiError } from './api-error.js'
import { readJson } from './read-json.js'

/**
 * `POST /v1/summaries` with `{ text, sentences? }`: the sentences that hold most of what the text repeats, in their
 * order.
 * @param {import('koa').ParameterizedContext<object, object>} ctx
 */
export async function answerSummary(ctx) {
  const { text, sentences } = parseRequest(await readJson(ctx.req))
  const all = splitSentences(text)
  if (all.length <= sentences) {
    throw new ApiError(422, 'text_too_short', `the text has no more than ${sentences} sentences`)
  }
  return { summary: pickSentences(all, sentences).join(' '), sentences: { of: all.length, kept: sentences } }
}

/** @param {unknown} body */
function parseRequest(body) {
  if (typeof body !== 'object' || body === null || !('text' in body) || typeof body.text !== 'string') {
    throw new ApiError(400, 'invalid_request', 'text must be a string')
  }
  const sentences = 'sentences' in body ? body.sentences : 2
  if (typeof sentences !== 'number' || !Number.isInteger(sentences) || sentences < 1 || sentences > 10) {
    throw new ApiError(400, 'invalid_request', 'sentences must be a whole number from 1 to 10')
  }
  return { text: body.text, sentences }
}

/** @param {string} text */
function splitSentences(text) {
  const segments = new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)
  return [...segments].map(({ segment }) => segment.trim()).filter((sentence) => sentence !== '')
}

/**
 * @param {readonly string[]} sentences
 * @param {number} count
 */
function pickSentences(sentences, count) {
  const words = sentences.map(splitWords)
  /** @type {Map<string, number>} */
  const uses = new Map()
  for (const word of words.flat()) uses.set(word, (uses.get(word) ?? 0) + 1)
  const weights = words.map(
    (own) => own.reduce((sum, word) => sum + (uses.get(word) ?? 0), 0) / (own.length || 1),
  )
  return sentences
    .map((sentence, index) => ({ sentence, index, weight: weights[index] ?? 0 }))
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, count)
    .toSorted((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence)
}

/**
 * Words of four letters and more: the short ones are in every sentence.
 * @param {string} sentence
 */
function splitWords(sentence) {
  return sentence.toLowerCase().match(/\p{L}{4,}/gu) ?? []
}
