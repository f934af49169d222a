// Runs commands of dist/ops.js, given as a JSON list of argument lists. Prints a JSON list of what each of them printed.
const commands = JSON.parse(process.argv[2]);
const outputs = [];
const write = process.stdout.write.bind(process.stdout);
for (const [index, command] of commands.entries()) {
  let output = '';
  process.stdout.write = (text) => {
    output += text;
    return true;
  };
  process.argv = [process.argv[0], 'ops.js', ...command];
  // Another address is another instance of the program, which runs its command while it loads.
  await import(`../../dist/ops.js?${index}`);
  outputs.push(output);
}
write(JSON.stringify(outputs));
