#!/bin/sh
# Text to IPA by curl.
#
#     isogloss g2p serve &          # or a service with ISOGLOSS_G2P_HTTP_PORT=8080
#     sh convert.sh [host:port]
curl -sS "http://${1:-127.0.0.1:8080}/v1/convert" \
  -d '{"language": "fr", "texts": ["Bonjour le monde", "Où est la gare ?"], "words": true}'
