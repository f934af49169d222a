/** Saves content as a file on the user's device. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // Some browsers read the content after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
