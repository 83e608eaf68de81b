// The programs of the live layer: dots (tasks, stores, drivers) as points, legs as strips of four corners a stretch.

import {TONES} from './live-picture.ts';

const GLIDE = `#version 300 es
precision highp float;
uniform mat4 matrix;
uniform float share;
uniform vec3 tones[${TONES.length}];
in vec4 place;
vec4 placed(float along) { return matrix * vec4(mix(place.xy, place.zw, along), 0.0, 1.0); }
`;

export const DOT_VERTEX = `${GLIDE}
uniform float pixels;
uniform float seconds;
in vec4 look;
in float age;
out vec3 tone;
out float value;
flat out int shape;
out float size;
out float waited;
void main() {
  gl_Position = placed(share);
  shape = int(look.y);
  waited = age;
  // What waits grows by half.
  size = pixels * (shape == 0 ? 13.0 + 6.0 * max(0.0, age) : shape == 1 ? 12.0 : 17.0);
  gl_PointSize = size;
  tone = tones[int(look.x)];
  value = shape == 0 ? clamp(look.z + look.w * seconds, 0.0, 1.0) : look.z;
}`;

export const DOT_FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 land;
uniform vec3 young;
uniform vec3 old;
in vec3 tone;
in float value;
flat in int shape;
in float size;
in float waited;
out vec4 colour;
// How much of the pixel a shape covers, by the distance to its edge in shares of the dot's radius.
float cover(float distance) { return clamp(0.5 - distance * size * 0.5, 0.0, 1.0); }
void main() {
  vec2 at = gl_PointCoord * 2.0 - 1.0;
  float radius = length(at);
  float inner;
  float outer;
  vec3 drawn = tone;
  if (shape == 0) {
    float ring = max(radius - 0.86, 0.56 - radius);
    float turn = atan(at.x, -at.y) / 6.2831853;
    float passed = fract(turn + 1.0) > value ? 0.3 : 1.0;
    inner = cover(ring) * passed;
    outer = cover(radius - 0.86) * 0.6;
    float core = waited < 0.0 ? 0.0 : cover(radius - 0.44 * sqrt(waited));
    if (core > inner) {
      inner = core;
      drawn = mix(young, old, waited);
    }
  } else if (shape == 1) {
    float square = max(abs(at.x), abs(at.y));
    inner = cover(square - 0.62);
    outer = cover(square - 0.84);
  } else {
    float disc = radius - 0.48;
    float edge = radius - 0.62;
    if (value > -8.0) {
      // Turned so that the driver faces up; a nose goes out from the disc, and ends within the point.
      vec2 faced = mat2(cos(value), -sin(value), sin(value), cos(value)) * at;
      float nose = max(dot(vec2(abs(faced.x), -faced.y), vec2(0.8, 0.6)) - 0.49, faced.y + 0.1);
      disc = min(disc, nose);
      edge = min(edge, nose - 0.1);
    }
    inner = cover(disc);
    outer = cover(edge);
  }
  float alpha = max(inner, outer);
  if (alpha < 0.01) discard;
  colour = vec4(mix(land, drawn, inner / alpha) * alpha, alpha);
}`;

// A stretch of a leg with round ends. It is drawn opaque, in a colour that stands for its opacity over the land: where
// stretches meet, nothing shows through twice.
export const LEG_VERTEX = `${GLIDE}
uniform vec2 screen;
uniform float pixels;
in vec2 end;
in vec2 look;
in vec2 moves;
out vec3 tone;
flat out float reach;
flat out float whole;
flat out float isStraight;
out vec2 at;
void main() {
  vec4 from = placed(clamp((share - moves.x) / (moves.y - moves.x), 0.0, 1.0));
  vec4 to = matrix * vec4(end, 0.0, 1.0);
  vec2 a = from.xy / from.w * screen * 0.5;
  vec2 b = to.xy / to.w * screen * 0.5;
  whole = distance(a, b);
  bool isGone = moves.x <= 1.0 && share >= moves.y && look.y < 0.5;
  vec2 along = whole > 0.0 ? (b - a) / whole : vec2(1.0, 0.0);
  isStraight = look.y;
  reach = pixels * (isStraight > 0.5 ? 0.5 : 1.1);
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  float out_ = reach + 1.0;
  at = vec2(corner.x > 0.0 ? whole + out_ : -out_, corner.y * out_);
  vec2 pixel = a + along * at.x + vec2(-along.y, along.x) * at.y;
  gl_Position = isGone ? vec4(2.0, 2.0, 0.0, 1.0) : vec4(pixel / (screen * 0.5), 0.0, 1.0);
  tone = tones[int(look.x)];
}`;

export const LEG_FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 land;
uniform float opacity;
in vec3 tone;
flat in float reach;
flat in float whole;
flat in float isStraight;
in vec2 at;
out vec4 colour;
void main() {
  float off = length(vec2(max(0.0, max(-at.x, at.x - whole)), at.y));
  float alpha = clamp(reach - off + 0.5, 0.0, 1.0);
  if (alpha < 0.01) discard;
  colour = vec4(mix(land, tone, opacity * (isStraight > 0.5 ? 0.6 : 1.0)) * alpha, alpha);
}`;
