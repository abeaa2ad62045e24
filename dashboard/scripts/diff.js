// The difference of two texts by words: the longest common subsequence.

/** [{text, kind}] of `after` against `before`; kind is "same", "gone" or "new". */
export function difference(before, after) {
  const a = before.split(/(\s+)/);
  const b = after.split(/(\s+)/);
  const common = lengths(a, b);
  const parts = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) (push(parts, a[i++], "same"), j++);
    else if (j >= b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1]))
      push(parts, a[i++], "gone");
    else push(parts, b[j++], "new");
  }
  return parts;
}

/** common[i][j]: how many words a from i and b from j have in common, in order. */
function lengths(a, b) {
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  return common;
}

function push(parts, text, kind) {
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else parts.push({ text, kind });
}
