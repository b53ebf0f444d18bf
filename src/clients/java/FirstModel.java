import io.trainyard.client.ApiClient;
import io.trainyard.client.ApiException;
import io.trainyard.client.api.DatasetsApi;
import io.trainyard.client.api.JobsApi;
import io.trainyard.client.api.ModelsApi;
import io.trainyard.client.api.PredictApi;
import io.trainyard.client.model.Activation;
import io.trainyard.client.model.DatasetSelection;
import io.trainyard.client.model.DatasetView;
import io.trainyard.client.model.DenseLayer;
import io.trainyard.client.model.Evaluation;
import io.trainyard.client.model.Input;
import io.trainyard.client.model.Job;
import io.trainyard.client.model.JobToValidate;
import io.trainyard.client.model.JobView;
import io.trainyard.client.model.Layer;
import io.trainyard.client.model.Loss;
import io.trainyard.client.model.Model;
import io.trainyard.client.model.ModelOrName;
import io.trainyard.client.model.Network;
import io.trainyard.client.model.Optimizer;
import io.trainyard.client.model.OptimizerObject;
import io.trainyard.client.model.Predict;
import io.trainyard.client.model.Problem;
import io.trainyard.client.model.Target;
import io.trainyard.client.model.Training;
import io.trainyard.client.model.Validation;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A first model with the client for Java, which {@code mvn -f src/clients/java install} makes:
 * upload, validate, train, follow, evaluate, predict.
 */
public final class FirstModel {
  private FirstModel() {}

  public static void main(String[] arguments) throws Exception {
    String address = arguments.length > 0 ? arguments[0] : "http://localhost:8080";
    ApiClient client = new ApiClient();
    client.updateBaseUri(address);
    JobsApi jobs = new JobsApi(client);

    DatasetView dataset =
        new DatasetsApi(client)
            .uploadDataset("sides-java", rows(), null, null, null, null, null, null, null, null);
    System.out.println("uploaded " + dataset.getRows() + " rows");

    ModelOrName model = new ModelOrName(model());
    Validation validation =
        new ModelsApi(client)
            .validateModel(
                new JobToValidate()
                    .model(model)
                    .dataset(new DatasetSelection().name("sides-java"))
                    .training(training()),
                null);
    System.out.println(
        "valid: %s, %d parameters"
            .formatted(validation.getValid(), validation.getSummary().getParameters()));

    JobView job =
        jobs.submitJob(
            new Job()
                .model(model)
                .dataset(new DatasetSelection().name("sides-java"))
                .training(training()),
            null);
    // The generated call gives the events when the job has ended; this one, as they happen.
    HttpRequest events =
        HttpRequest.newBuilder(URI.create(address + "/v1/jobs/" + job.getId() + "/events")).build();
    long epochs =
        HttpClient.newHttpClient()
            .send(events, BodyHandlers.ofLines())
            .body()
            .filter("event: epoch"::equals)
            .count();
    System.out.println("followed " + epochs + " epochs");

    JobView done = jobs.readJob(job.getId(), 30, null);
    System.out.println(done.getState() + ": version " + done.getResult().getVersion());

    Evaluation evaluation = jobs.readEvaluation(job.getId(), null, null);
    List<String> classes = evaluation.getConfusion().get("side").getClasses();
    System.out.println("confusion of " + String.join(", ", classes));

    List<Object> predictions =
        new PredictApi(client)
            .predict(
                "sides-java",
                new Predict().addInstancesItem(Map.of("x", 0.9, "y", 0.8)),
                null,
                null,
                null)
            .getPredictions();
    System.out.println("predicted " + ((Map<?, ?>) predictions.getFirst()).get("side"));

    try {
      jobs.readJob("none", null, null);
    } catch (ApiException e) {
      Problem problem =
          ApiClient.createDefaultObjectMapper().readValue(e.getResponseBody(), Problem.class);
      System.out.println("problem " + problem.getStatus() + " " + problem.getCode());
    }
    new ModelsApi(client).deleteModel("sides-java", null);
  }

  private static String rows() {
    Random random = new Random(1);
    StringBuilder csv = new StringBuilder("x,y,side\n");
    for (int i = 0; i < 200; i++) {
      double x = random.nextDouble();
      double y = random.nextDouble();
      csv.append("%s,%s,%s\n".formatted(x, y, x + y > 1 ? "above" : "below"));
    }
    return csv.toString();
  }

  private static Model model() {
    return new Model()
        .name("sides-java")
        .putInputsItem("point", new Input().columns(List.of("x", "y")))
        .putTargetsItem("side", new Target().column("side"))
        .network(new Network().addLayersItem(dense(8, "tanh")).addLayersItem(dense(2, "softmax")));
  }

  private static Layer dense(int units, String activation) {
    return new Layer(new DenseLayer().units(units).activation(new Activation(activation)));
  }

  private static Training training() {
    return new Training()
        .loss(new Loss("categorical_crossentropy"))
        .optimizer(
            new Optimizer(
                new OptimizerObject().type(OptimizerObject.TypeEnum.ADAM).learningRate(0.05)))
        .epochs(40)
        .batchSize(20)
        .seed(1L);
  }
}
