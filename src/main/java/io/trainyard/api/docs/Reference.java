package io.trainyard.api.docs;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.job.review.JobRequest;
import io.trainyard.predict.request.JsonRequest;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.description.Descriptions;
import io.trainyard.spec.description.JsonSchemas;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.RegularizerSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Everything that is described, and the schemas made from it; read at the first use. */
final class Reference {
  /** The classes beside which the descriptions lie, in the order of the reference. */
  private static final List<Class<?>> DESCRIBED =
      Stream.of(
              List.of(ModelSpec.class, InputSpec.class, LayerSpec.class),
              families(LayerSpec.class),
              List.of(ActivationSpec.class, InitializerSpec.class, RegularizerSpec.class),
              List.of(Expression.class, TrainingSpec.class),
              families(OptimizerSpec.class),
              families(LossSpec.class),
              List.of(Metric.class, ScheduleSpec.class),
              List.of(DatasetSelection.class, IngestOptions.class),
              List.of(JobRequest.class, JsonRequest.class, ErrorCode.class))
          .<Class<?>>flatMap(List::stream)
          .toList();

  /** The definition of each schema that callers can read, by its name in the path. */
  static final Map<String, String> SCHEMAS = schemas();

  private Reference() {}

  /** What a sealed type permits in files of their own: its own file describes what stands in it. */
  private static List<Class<?>> families(Class<?> sealed) {
    return Stream.<Class<?>>of(sealed.getPermittedSubclasses())
        .filter(type -> !type.isMemberClass())
        .toList();
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
    private static final Descriptions DESCRIPTIONS = Descriptions.beside(DESCRIBED);
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
