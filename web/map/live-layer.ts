// Drivers, stores, open tasks and the legs between them, as one layer of the map with its own shaders: a reading is
// written into two buffers, and every frame in between is two draw calls, whether there are ten drivers or 10,000.
// Script runs once a reading; a frame only sets what the shaders move by.

import type {CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre} from 'maplibre-gl';
import type {LiveMap} from '../wire.ts';
import {toneOf} from './base-style.ts';
import {LEG_FLOATS} from './live-legs.ts';
import {DOT_FLOATS, type Picture, type Place, pictureOf, TONES, type WayOf} from './live-picture.ts';
import {DOT_FRAGMENT, DOT_VERTEX, LEG_FRAGMENT, LEG_VERTEX} from './live-shaders.ts';

/** Drivers glide to where a reading has them for as long as it takes until the next one. */
const GLIDE_MS = 1_000;

type Program = {
  readonly program: WebGLProgram;
  readonly buffer: WebGLBuffer;
  readonly array: WebGLVertexArrayObject;
  readonly at: (name: string) => WebGLUniformLocation | null;
};

export class LiveLayer implements CustomLayerInterface {
  readonly id = 'live';
  readonly type = 'custom';
  legsShown = true;
  /** Something is selected: what belongs to others steps back. */
  legsFaded = false;
  #map: MapLibre | undefined;
  #dots: Program | undefined;
  #legs: Program | undefined;
  #picture: Picture | undefined;
  #isFresh = false;
  #since = 0;
  #tones: Float32Array = new Float32Array();
  #land: readonly number[] = [0, 0, 0];
  #young: readonly number[] = [0, 0, 0];
  #old: readonly number[] = [0, 0, 0];
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');

  get picture(): Picture | undefined {
    return this.#picture;
  }

  take(live: LiveMap, timeScale: number, wayOf: WayOf): void {
    this.#picture = pictureOf(live, timeScale, this.#picture, (i) => this.driverAt(i), wayOf);
    this.#since = performance.now();
    this.#isFresh = true;
    this.#map?.triggerRepaint();
  }

  clear(): void {
    this.#picture = undefined;
    this.#map?.triggerRepaint();
  }

  /** Where driver i is shown just now, in world coordinates. */
  driverAt(i: number): Place {
    const {dots, origin, tasks, stores} = this.#picture!;
    const at = (tasks.length + stores.length + i) * DOT_FLOATS;
    const share = this.#share();
    const along = (axis: 0 | 1) => origin[axis] + dots[at + axis]! + (dots[at + 2 + axis]! - dots[at + axis]!) * share;
    return [along(0), along(1)];
  }

  #share(): number {
    return this.#still.matches ? 1 : Math.min(1, (performance.now() - this.#since) / GLIDE_MS);
  }

  /** Reads the colours of the style sheet anew. */
  retone(): void {
    this.#tones = Float32Array.from(TONES.flatMap((name) => rgbOf(toneOf(name))));
    [this.#land, this.#young, this.#old] = ['land', 'age-young', 'age-old'].map((name) => rgbOf(toneOf(name)));
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.#map = map;
    this.retone();
    this.#dots = programOf(gl, DOT_VERTEX, DOT_FRAGMENT, DOT_FLOATS, [
      ['place', 4],
      ['look', 4],
      ['age', 1],
    ]);
    const legs = [
      ['place', 4],
      ['end', 2],
      ['look', 2],
      ['moves', 2],
    ] as const;
    this.#legs = programOf(gl, LEG_VERTEX, LEG_FRAGMENT, LEG_FLOATS, legs, 1);
    this.#isFresh = true;
  }

  onRemove(): void {
    this.#dots = undefined;
    this.#legs = undefined;
  }

  render(gl: WebGL2RenderingContext, {defaultProjectionData}: CustomRenderMethodInput): void {
    const [picture, dots, legs] = [this.#picture, this.#dots, this.#legs];
    if (!picture || !dots || !legs) return;
    if (this.#isFresh) {
      fill(gl, dots.buffer, picture.dots);
      fill(gl, legs.buffer, picture.legs.subarray(0, picture.legCount * LEG_FLOATS));
      this.#isFresh = false;
    }
    const share = this.#share();
    const zoom = this.#map!.getZoom();
    const size = Math.min(1.5, Math.max(0.5, 0.5 + (zoom - 10) * 0.14));
    const common = ({program, array, at}: Program) => {
      gl.useProgram(program);
      gl.bindVertexArray(array);
      gl.uniformMatrix4fv(at('matrix'), false, movedTo(defaultProjectionData.mainMatrix, picture.origin));
      gl.uniform1f(at('share'), share);
      gl.uniform3fv(at('tones'), this.#tones);
      gl.uniform3fv(at('land'), this.#land);
      gl.uniform1f(at('pixels'), size * devicePixelRatio);
    };
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    if (this.legsShown && picture.legCount > 0) {
      common(legs);
      gl.uniform2f(legs.at('screen'), gl.drawingBufferWidth, gl.drawingBufferHeight);
      gl.uniform1f(legs.at('opacity'), Math.min(0.8, 0.3 + 0.42 * size) * (this.legsFaded ? 0.3 : 1));
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, picture.legCount);
    }
    if (picture.dotCount > 0) {
      common(dots);
      gl.uniform1f(dots.at('seconds'), (performance.now() - this.#since) / 1_000);
      gl.uniform3fv(dots.at('young'), this.#young);
      gl.uniform3fv(dots.at('old'), this.#old);
      gl.drawArrays(gl.POINTS, 0, picture.dotCount);
    }
    gl.bindVertexArray(null);
    if (share < 1 || (picture.hasOffers && !this.#still.matches)) this.#map!.triggerRepaint();
  }
}

/** The matrix for places counted from the origin. In doubles: it is what takes the great numbers out. */
function movedTo(matrix: ArrayLike<number>, [x, y]: Place): Float32Array {
  const moved = Float64Array.from(matrix);
  for (let row = 0; row < 4; row++) {
    moved[12 + row] = matrix[row]! * x + matrix[4 + row]! * y + matrix[12 + row]!;
  }
  return Float32Array.from(moved);
}

function fill(gl: WebGL2RenderingContext, buffer: WebGLBuffer, data: Float32Array): void {
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
}

function programOf(
  gl: WebGL2RenderingContext,
  vertex: string,
  fragment: string,
  floats: number,
  attributes: readonly (readonly [string, number])[],
  divisor = 0,
): Program {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? 'no program');
  const array = gl.createVertexArray();
  const buffer = gl.createBuffer();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  let offset = 0;
  for (const [name, width] of attributes) {
    const location = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, width, gl.FLOAT, false, floats * 4, offset * 4);
    gl.vertexAttribDivisor(location, divisor);
    offset += width;
  }
  gl.bindVertexArray(null);
  const known = new Map<string, WebGLUniformLocation | null>();
  return {
    program,
    buffer,
    array,
    at(name) {
      if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name));
      return known.get(name)!;
    },
  };
}

/** #rrggbb in shares of 1. */
const rgbOf = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
