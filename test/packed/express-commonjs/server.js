const { createApp } = require('./create-app')

createApp().then(({ app, service }) => {
  const server = app.listen(0, () => console.log(`http://localhost:${server.address().port}`))
  process.on('SIGTERM', () => server.close(() => service.close()))
})
