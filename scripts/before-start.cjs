// Runs before `npm start`, also on a Node.js that is too old: no new syntax.
const fs = require('fs')
const path = require('path')

const parts = process.versions.node.split('.').map(Number)
const isTooOld = parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)
if (isTooOld) {
  console.error('Laurel needs Node.js 20.19 or later. This is Node.js ' + process.versions.node + '.')
  process.exit(1)
}
const isBuilt = fs.existsSync(path.join(__dirname, '../dev/dist/start.js'))
console.log(isBuilt ? 'Building what has changed …' : 'Building Laurel, which takes about a minute the first time …')
