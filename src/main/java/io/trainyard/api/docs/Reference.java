package io.trainyard.api.docs;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.job.check.JobRequest;
import io.trainyard.predict.request.JsonRequest;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.description.Descriptions;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.description.JsonSchemas;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.LayerTypes;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.RegularizerSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Everything that is described, and the schemas made from it; read at the first use. */
final class Reference {
  /** The definition of each schema that callers can read, by its name in the path. */
  static final Map<String, String> SCHEMAS = schemas();

  private Reference() {}

  /** All files and families, in the order of the reference. */
  private static List<JsonNode> described() {
    return Stream.of(
            beside(ModelSpec.class, InputSpec.class, LayerSpec.class),
            LayerTypes.described().stream().map(Family::json),
            Stream.of(ActivationSpec.described().json()),
            beside(InitializerSpec.class, RegularizerSpec.class),
            beside(Expression.class, TrainingSpec.class),
            OptimizerSpec.described().stream().map(Family::json),
            beside(NumberLoss.class, ClassLoss.class, ExpressionLoss.class),
            Stream.of(MetricSpec.described().json()),
            beside(ScheduleSpec.class, DatasetSelection.class, IngestOptions.class),
            beside(JobRequest.class, JsonRequest.class, ErrorCode.class))
        .<JsonNode>flatMap(files -> files)
        .toList();
  }

  private static Stream<JsonNode> beside(Class<?>... owners) {
    return Stream.of(owners).map(Descriptions::beside);
  }

  private static Map<String, String> schemas() {
    Map<String, String> schemas = new LinkedHashMap<>();
    schemas.put("model", "Model");
    schemas.put("training", "Training");
    schemas.put("job", "Job");
    schemas.put("dataset-options", "DatasetOptions");
    schemas.put("predict", "Predict");
    return schemas;
  }

  /** Holder of what is read at the first use. */
  private static final class Read {
    private static final Descriptions DESCRIPTIONS = Descriptions.of(described());
    private static final JsonSchemas JSON_SCHEMAS = new JsonSchemas(DESCRIPTIONS);
  }

  static Descriptions descriptions() {
    return Read.DESCRIPTIONS;
  }

  static JsonSchemas schemasOfBodies() {
    return Read.JSON_SCHEMAS;
  }

  /** The schema of that name in {@link #SCHEMAS}. */
  static ObjectNode schema(String name) {
    return Read.JSON_SCHEMAS.document(
        SCHEMAS.getOrDefault(name, ""), "urn:trainyard:schema:" + name);
  }

  /** The path of a schema. */
  static String path(String name) {
    return "/v1/schema/" + name;
  }
}
