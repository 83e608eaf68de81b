// Cuts a GeoJSON FeatureCollection into its features without holding the document: the scan only counts brackets and
// skips strings, and each feature's own text is then parsed, and so checked, by JSON.parse.

import type {InputFailure} from '../failure.ts';
import {damage} from './damage.ts';

/** The longest feature; 2,000 nodes, which is what OSM allows a way, take about 100 KiB. */
const FEATURE_BYTES_LIMIT = 16 << 20;
/** Brackets open at once; a multipolygon feature in its collection takes eight. */
const DEPTH_LIMIT = 64;
const KEY_CHARACTERS_LIMIT = 32;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [LEFT_BRACKET, RIGHT_BRACKET, LEFT_BRACE, RIGHT_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Between tokens: blanks, and the bytes of a byte-order mark. */
const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf];

export type FeatureText = {readonly text: string; readonly offset: number};

export const geoJsonDamage = (path: string, offset: number, what: string): InputFailure =>
  damage('GEOJSON_DAMAGED', path, `GeoJSON at byte ${offset}`, what);

/** Texts of the members of "features", with their byte offsets. Throws InputFailure where there is no such list. */
export async function* readFeatures(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FeatureText> {
  const cutter = new FeatureCutter(path);
  for await (const chunk of chunks) yield* cutter.cut(chunk);
  cutter.finish();
}

class FeatureCutter {
  readonly #path: string;
  /** Bytes before the chunk in hand. */
  #before = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The last string directly within the document: a key when a colon follows. */
  #word = '';
  #key = '';
  #inFeatures = false;
  #seenFeatures = false;
  #ended = false;
  /** Earlier chunks' parts of the feature in hand, and where it starts. */
  #parts: Uint8Array[] = [];
  #featureOffset = -1;

  constructor(path: string) {
    this.#path = path;
  }

  /** The features that end within `chunk`. */
  cut(chunk: Uint8Array): FeatureText[] {
    const features: FeatureText[] = [];
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (this.#inString) this.#string(byte);
      else if (byte === QUOTE) this.#openString(i);
      else if (byte === LEFT_BRACE || byte === LEFT_BRACKET) this.#open(byte, i);
      else if (byte === RIGHT_BRACE || byte === RIGHT_BRACKET) {
        if (this.#close(byte, i)) features.push(this.#takeFeature(chunk, i));
      } else if (this.#depth < 3) this.#between(byte, i);
    }
    if (this.#featureOffset >= 0) this.#keepPart(chunk);
    this.#before += chunk.length;
    return features;
  }

  finish(): void {
    if (!this.#ended) throw this.#damage(0, 'the file ends within the document');
    if (!this.#seenFeatures) throw this.#damage(0, 'the document has no list of "features"');
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    else if (this.#depth === 1 && this.#word.length < KEY_CHARACTERS_LIMIT) this.#word += String.fromCharCode(byte);
  }

  #openString(i: number): void {
    const isMember = this.#depth === 0 || (this.#depth === 2 && this.#inFeatures);
    if (isMember) throw this.#damage(i, 'a text that is no feature');
    this.#inString = true;
    if (this.#depth === 1) this.#word = '';
  }

  #open(byte: number, i: number): void {
    if (this.#ended) throw this.#damage(i, 'more follows the document');
    if (this.#depth === 0 && byte !== LEFT_BRACE) throw this.#damage(i, 'the document is no object');
    if (this.#depth === 1 && this.#key === 'features') {
      if (byte !== LEFT_BRACKET) throw this.#damage(i, '"features" is no list');
      this.#inFeatures = this.#seenFeatures = true;
    } else if (this.#depth === 2 && this.#inFeatures) {
      if (byte !== LEFT_BRACE) throw this.#damage(i, 'a list that is no feature');
      this.#featureOffset = this.#before + i;
    }
    if (++this.#depth > DEPTH_LIMIT) throw this.#damage(i, `brackets are nested more than ${DEPTH_LIMIT} deep`);
  }

  /** True when a feature ends here. */
  #close(byte: number, i: number): boolean {
    if (this.#depth === 0) throw this.#damage(i, 'a bracket closes that was never opened');
    this.#depth--;
    if (this.#depth === 2) return this.#featureOffset >= 0;
    if (this.#depth === 1) {
      if (this.#inFeatures && byte !== RIGHT_BRACKET) throw this.#damage(i, 'the list of features ends as an object');
      this.#inFeatures = false;
      this.#key = '';
    }
    this.#ended = this.#depth === 0;
    return false;
  }

  /** A byte between tokens, or of a number or literal, outside of the features' own texts. */
  #between(byte: number, i: number): void {
    if (BLANKS.includes(byte)) return;
    if (this.#depth === 0) throw this.#damage(i, this.#ended ? 'more follows the document' : 'no JSON object');
    if (this.#depth === 1) this.#key = byte === COLON ? this.#word : byte === COMMA ? '' : this.#key;
    else if (this.#inFeatures && byte !== COMMA) throw this.#damage(i, 'an entry that is no feature');
  }

  #takeFeature(chunk: Uint8Array, i: number): FeatureText {
    const offset = this.#featureOffset;
    this.#parts.push(chunk.subarray(Math.max(0, offset - this.#before), i + 1));
    const text = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#featureOffset = -1;
    return {text, offset};
  }

  #keepPart(chunk: Uint8Array): void {
    const bytes = this.#before + chunk.length - this.#featureOffset;
    if (bytes > FEATURE_BYTES_LIMIT) {
      throw geoJsonDamage(this.#path, this.#featureOffset, `a feature of more than ${FEATURE_BYTES_LIMIT} bytes`);
    }
    this.#parts.push(chunk.subarray(Math.max(0, this.#featureOffset - this.#before)));
  }

  #damage(i: number, what: string): InputFailure {
    return geoJsonDamage(this.#path, this.#before + i, what);
  }
}
