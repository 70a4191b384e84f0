// Text to IPA from Node.
//
//     npm install
//     node convert.js [host:port]

const path = require("node:path");
const grpc = require("@grpc/grpc-js");
const protoLoader = require("@grpc/proto-loader");

const protos = path.join(__dirname, "..", "..", "..", "protos");
const definition = protoLoader.loadSync("isogloss/g2p/v1/g2p.proto", {
  includeDirs: [protos],
  enums: String,
  defaults: true,
});
const { G2PService } = grpc.loadPackageDefinition(definition).isogloss.g2p.v1;

const client = new G2PService(process.argv[2] || "127.0.0.1:50051", grpc.credentials.createInsecure());
const request = {
  language: "fra",
  texts: ["Bonjour le monde", "Où est la gare ?"],
  options: { normalization: "NORMALIZATION_STANDARD" },
};

client.Convert(request, { deadline: Date.now() + 10_000 }, (error, response) => {
  if (error) {
    console.error(error.details); // names the field and the fix
    process.exit(1);
  }
  for (const conversion of response.conversions) {
    console.log(conversion.ipa);
  }
  client.close();
});
