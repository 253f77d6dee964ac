// What is compressed, by the browser's own means and never beyond a limit.

// The content of a stream of a PDF.
export async function inflate(pdf, stream, limit) {
  const { dictionary, from, length } = stream;
  if (!Number.isInteger(length) || length < 0 || from + length > pdf.length) throw new Error('an attachment has no length');
  const raw = pdf.subarray(from, from + length);
  const filter = dictionary.get('Filter');
  const names = filter === undefined || filter === null ? [] : [filter].flat();
  if (names.length === 0) return raw;
  if (names.length > 1 || names[0] !== '/FlateDecode') throw new Error('an attachment is compressed in an unknown way');
  const parameters = [dictionary.get('DecodeParms')].flat()[0];
  const bytes = await whole(unpacked(new Blob([raw]), 'deflate'), limit);
  return parameters instanceof Map ? predicted(bytes, parameters) : bytes;
}

export const unpacked = (blob, format) => blob.stream().pipeThrough(new DecompressionStream(format)).getReader();

async function whole(reader, limit) {
  const pieces = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new Error('an attachment is too large');
    }
    pieces.push(value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

// The predictors of PNG, as streams of cross references have them.
function predicted(bytes, parameters) {
  const predictor = parameters.get('Predictor') ?? 1;
  if (predictor === 1) return bytes;
  const width = Math.ceil(((parameters.get('Colors') ?? 1) * (parameters.get('BitsPerComponent') ?? 8) * (parameters.get('Columns') ?? 1)) / 8);
  if (predictor < 10 || !(width > 0 && width < 1 << 20)) throw new Error('an attachment is compressed in an unknown way');
  const rows = Math.floor(bytes.length / (width + 1));
  const out = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    const kind = bytes[row * (width + 1)];
    for (let n = 0; n < width; n += 1) {
      const at = row * width + n;
      const left = n > 0 ? out[at - 1] : 0;
      const up = row > 0 ? out[at - width] : 0;
      const added = [0, left, up, (left + up) >> 1][kind];
      if (added === undefined) throw new Error('an attachment is compressed in an unknown way');
      out[at] = bytes[row * (width + 1) + 1 + n] + added;
    }
  }
  return out;
}
