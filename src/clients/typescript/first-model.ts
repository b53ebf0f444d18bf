/*
 * A first model with the client that openapi-generator makes for TypeScript: upload, validate,
 * train, follow, predict.
 *
 *   curl -s localhost:8080/v3/api-docs -o openapi.json
 *   openapi-generator-cli generate -i openapi.json -g typescript-fetch -o client
 */
import {
  Configuration,
  DatasetsApi,
  JobsApi,
  ModelsApi,
  PredictApi,
  ResponseError,
  type Job,
  type Problem,
} from './client';

declare const process: { argv: string[] };

const basePath = process.argv[2] ?? 'http://localhost:8080';
const configuration = new Configuration({ basePath });
const jobs = new JobsApi(configuration);

function rows(): string {
  let csv = 'x,y,side\n';
  for (let i = 0; i < 200; i++) {
    const x = (i * 0.618) % 1;
    const y = (i * 0.414) % 1;
    csv += `${x},${y},${x + y > 1 ? 'above' : 'below'}\n`;
  }
  return csv;
}

const job: Job = {
  model: {
    name: 'sides-ts',
    inputs: { point: { columns: ['x', 'y'] } },
    targets: { side: { column: 'side' } },
    network: {
      layers: [
        { type: 'dense', units: 8, activation: 'tanh' },
        { type: 'dense', units: 2, activation: 'softmax' },
      ],
    },
  },
  dataset: { name: 'sides-ts' },
  training: {
    loss: 'categorical_crossentropy',
    optimizer: { type: 'adam', learningRate: 0.05 },
    epochs: 40,
    batchSize: 20,
    seed: 1,
  },
};

/** The events of a job as they happen; the generated call gives them when the job has ended. */
async function* follow(id: string): AsyncGenerator<{ name: string; data: any }> {
  const answer = await fetch(`${basePath}/v1/jobs/${id}/events`);
  let text = '';
  for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + piece).split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks.filter((each) => each.includes('event: '))) {
      const name = /^event: (.*)$/m.exec(block)![1];
      yield { name, data: JSON.parse(/^data: (.*)$/m.exec(block)![1]) };
    }
  }
}

async function main(): Promise<void> {
  const dataset = await new DatasetsApi(configuration).uploadDataset({
    name: 'sides-ts',
    body: rows(),
  });
  console.log(`uploaded ${dataset.rows} rows`);

  const validation = await new ModelsApi(configuration).validateModel({ jobToValidate: job });
  console.log(`valid: ${validation.valid}, ${validation.summary?.parameters} parameters`);

  const submitted = await jobs.submitJob({ job });
  let epochs = 0;
  for await (const event of follow(submitted.id)) {
    epochs += event.name === 'epoch' ? 1 : 0;
  }
  console.log(`followed ${epochs} epochs`);

  const done = await jobs.readJob({ job: submitted.id, wait: 30 });
  console.log(`${done.state}: version ${done.result?.version}`);

  const evaluation = await jobs.readEvaluation({ job: submitted.id });
  console.log(`confusion of ${evaluation.confusion?.side.classes.join(', ')}`);

  const { predictions } = await new PredictApi(configuration).predict({
    model: 'sides-ts',
    predict: { instances: [{ x: 0.9, y: 0.8 }] },
  });
  console.log(`predicted ${predictions[0].side}`);

  try {
    await jobs.readJob({ job: 'none' });
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    const problem: Problem = await error.response.json();
    console.log(`problem ${problem.status} ${problem.code}`);
  }
  await new ModelsApi(configuration).deleteModel({ model: 'sides-ts' });
}

main();
