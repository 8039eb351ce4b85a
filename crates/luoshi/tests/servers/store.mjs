// A store of files as S3 speaks it, on loopback. It knows one key, S3RVER, and does not check signatures of version 4.
// Prints its address when it listens.
import S3rver from 's3rver'
import { mkdtempSync } from 'node:fs'
const store = new S3rver({
  address: '127.0.0.1',
  port: 0,
  silent: true,
  directory: process.argv[2],
  configureBuckets: [{ name: 'luoshi', configs: [] }],
})
const { port } = await store.run()
console.log(`http://127.0.0.1:${port}`)
