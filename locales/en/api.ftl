# What the interface for programs (/api/v1) says of its own.

api-status-title = The service works
api-status-text = Sending, reading and downloading are possible.
problem-not-ready-title = The service does not work now
problem-not-ready-text = What was sent before is safe. Try again in half a minute.
problem-token-title = A valid token is needed
problem-token-text = Put it into the Authorization header, after the word Bearer. The one received is missing, has expired or was revoked.
problem-registry-unknown-title = No body belongs to this program
problem-registry-unknown-text = The token works, but the configuration does not say for which body it speaks: whoever runs the installation adds a file with the name of this program to exchange.folder.
problem-scope-title = The token does not allow this
problem-scope-text = A token with the scope { $scope } is needed.
problem-key-needed-title = The key of the request is missing
problem-key-needed-text = Put a text of your choice into the Idempotency-Key header, 1 to 255 characters without spaces, another one for each message: when you repeat a request, use the same.
problem-media-type-title = Requests of this format are not understood
problem-media-type-text = Send a JSON object, or a multipart/form-data form if there are files.
