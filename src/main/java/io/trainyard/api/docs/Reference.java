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
import io.trainyard.spec.layer.AttentionSpec;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.spec.layer.RecurrentSpec;
import io.trainyard.spec.layer.TabularSpec;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.AdamFamily;
import io.trainyard.spec.training.optimizer.FullBatch;
import io.trainyard.spec.training.optimizer.GradientDescent;
import io.trainyard.spec.training.optimizer.Lbfgs;
import io.trainyard.spec.training.optimizer.Perceptron;
import io.trainyard.spec.training.optimizer.ScaledGradient;
import io.trainyard.spec.training.optimizer.Sgd;
import io.trainyard.spec.training.optimizer.SignDescent;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.RegularizerSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Everything that is described, and the schemas made from it; read at the first use. */
final class Reference {
  /** The classes beside which the descriptions lie, in the order of the reference. */
  private static final List<Class<?>> DESCRIBED =
      List.of(
          ModelSpec.class,
          InputSpec.class,
          LayerSpec.class,
          CoreSpec.class,
          ConvolutionSpec.class,
          PoolSpec.class,
          NormSpec.class,
          RecurrentSpec.class,
          AttentionSpec.class,
          EmbeddingSpec.class,
          NoiseSpec.class,
          AugmentationSpec.class,
          ElementwiseSpec.class,
          TabularSpec.class,
          RearrangementSpec.class,
          MergeSpec.class,
          LambdaSpec.class,
          NestedSpec.class,
          ActivationSpec.class,
          InitializerSpec.class,
          RegularizerSpec.class,
          Expression.class,
          TrainingSpec.class,
          Sgd.class,
          AdamFamily.class,
          ScaledGradient.class,
          SignDescent.class,
          Lbfgs.class,
          GradientDescent.class,
          FullBatch.class,
          Perceptron.class,
          NumberLoss.class,
          ClassLoss.class,
          ExpressionLoss.class,
          Metric.class,
          ScheduleSpec.class,
          DatasetSelection.class,
          IngestOptions.class,
          JobRequest.class,
          JsonRequest.class,
          ErrorCode.class);

  /** The definition of each schema that callers can read, by its name in the path. */
  static final Map<String, String> SCHEMAS = schemas();

  private Reference() {}

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
