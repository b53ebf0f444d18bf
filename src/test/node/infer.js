// Calls the inference protocol over gRPC as a foreign client does, and prints what it got as JSON.
// node infer.js PROTO HOST:PORT MODEL
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const [proto, target, model] = process.argv.slice(2);
const options = {keepCase: true, longs: Number, enums: String};
const {GRPCInferenceService} = grpc.loadPackageDefinition(loader.loadSync(proto, options)).inference;
const client = new GRPCInferenceService(target, grpc.credentials.createInsecure());

const call = (method, request, from = client, deadline = 30_000) =>
  new Promise(done =>
    from[method](request, {deadline: Date.now() + deadline}, (error, answer) =>
      done(error ? {code: error.code, details: error.details} : answer)));

// grpc.health.v1.Health without its file: one field each way.
const Health = grpc.makeGenericClientConstructor({
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: name => Buffer.concat([Buffer.from([10, name.length]), Buffer.from(name)]),
    responseDeserialize: bytes => bytes[1],
  },
}, 'Health');

const typed = {
  model_name: model, id: 'n1',
  inputs: [{name: 'x', datatype: 'FP32', shape: [2, 2], contents: {fp32_contents: [1, 1, -2, 3]}}],
};
const raw = {
  model_name: model,
  inputs: [{name: 'x', datatype: 'FP64', shape: [1, 2]}],
  raw_input_contents: [Buffer.from(new Float64Array([1, 1]).buffer)],
  outputs: [{name: 'h:pre'}, {name: 'o'}],
};

(async () => {
  const got = {};
  got.live = await call('ServerLive', {});
  got.ready = await call('ServerReady', {});
  got.modelReady = await call('ModelReady', {name: model});
  got.metadata = await call('ModelMetadata', {name: model});
  got.typed = await call('ModelInfer', typed);
  const answer = await call('ModelInfer', raw);
  got.raw = (answer.raw_output_contents ?? []).map(
    bytes => Array.from({length: bytes.length / 4}, (_, i) => bytes.readFloatLE(4 * i)));
  got.unknown = await call('ModelInfer', {...typed, model_name: 'nobody'});
  got.wrong = await call('ModelInfer', {...typed, inputs: [{...typed.inputs[0], shape: [3, 2]}]});
  got.late = await call('ModelInfer', typed, client, -1000);
  got.statistics = await call('ModelStatistics', {name: model});
  got.index = (await call('RepositoryIndex', {})).models.filter(entry => entry.name === model);
  got.unloaded = await call('RepositoryModelUnload', {model_name: model});
  got.refused = await call('ModelInfer', typed);
  got.loaded = await call('RepositoryModelLoad', {model_name: model});
  got.again = await call('ModelInfer', typed);
  got.health = await call(
    'Check', 'inference.GRPCInferenceService', new Health(target, grpc.credentials.createInsecure()));
  console.log(JSON.stringify(got));
  process.exit(0);
})();
