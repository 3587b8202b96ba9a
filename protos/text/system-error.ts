/** Why a file or folder cannot be used, in words, from the `code` of a system error; its own message where there are none. */
export function fileTrouble(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  return words[code ?? ''] ?? message;
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
};
