// Word-by-word difference of two texts, by their longest common subsequence.

/** Compare two texts: [{text, kind}], where kind is "same", "gone" or "new". */
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

/** common[i][j] is the length of the longest common subsequence of a from i on and b from j on. */
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
