// Starts or joins the database in the folder given as argument, prints how to reach it as one line of JSON, and waits:
// until SIGTERM, which stops it in order, or until killed.
import { startEmbeddedServer } from '../../dist/database/embedded/server.js';

const [dataDir, durable = 'durable'] = process.argv.slice(2);
try {
  const server = await startEmbeddedServer({ dataDir: dataDir || undefined, durable: durable === 'durable' });
  const { url, joined, port } = server;
  console.log(JSON.stringify({ url, joined, port, pid: process.pid }));
  const alive = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => {
    void server.stop().then(() => clearInterval(alive));
  });
} catch (error) {
  console.log(JSON.stringify({ error: error.message, name: error.name }));
  process.exitCode = 1;
}
