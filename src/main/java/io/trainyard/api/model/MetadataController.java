package io.trainyard.api.model;

import io.trainyard.predict.request.NamedInputs;
import io.trainyard.predict.serving.ServedModels;
import io.trainyard.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The tensors of a version, as TensorFlow Serving describes them to its clients. */
@RestController
record MetadataController(ServedModels models) {
  private static final String SIGNATURE = "serving_default";

  record Metadata(ModelSpec modelSpec, Signatures metadata) {}

  /**
   * Which version it is.
   *
   * @param signatureName empty, as all signatures follow
   */
  record ModelSpec(String name, String signatureName, String version) {}

  /** A map by name lies within an object, as JSON of Protocol Buffers has it. */
  record Signatures(SignatureMap signatureDef) {}

  record SignatureMap(Map<String, Signature> signatureDef) {}

  record Signature(Map<String, Tensor> inputs, Map<String, Tensor> outputs, String methodName) {}

  record Tensor(String dtype, TensorShape tensorShape, String name) {
    static Tensor of(NamedInputs.Described tensor) {
      IntStream axes = tensor.row().dims().stream().mapToInt(Integer::intValue);
      List<Axis> dim =
          IntStream.concat(IntStream.of(-1), axes)
              .mapToObj(size -> new Axis(String.valueOf(size), ""))
              .toList();
      return new Tensor(type(tensor.type()), new TensorShape(dim, false), tensor.name());
    }
  }

  record TensorShape(List<Axis> dim, boolean unknownRank) {}

  /** An axis; −1 is that of the batch. 64-bit integers are texts in JSON of Protocol Buffers. */
  record Axis(String size, String name) {}

  @GetMapping({
    "/v1/models/{model}/metadata",
    "/v1/models/{model}/versions/{version}/metadata",
    "/v1/models/{model}/labels/{version}/metadata"
  })
  Metadata metadata(
      @PathVariable String model, @PathVariable(required = false) @Nullable String version) {
    ServedModels.Description described = models.describe(model, version);
    Signature signature =
        new Signature(
            tensors(described.inputs()),
            tensors(described.outputs()),
            "tensorflow/serving/predict");
    return new Metadata(
        new ModelSpec(described.name(), "", String.valueOf(described.version())),
        new Signatures(new SignatureMap(Map.of(SIGNATURE, signature))));
  }

  private static Map<String, Tensor> tensors(List<NamedInputs.Described> described) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    described.forEach(tensor -> tensors.put(tensor.name(), Tensor.of(tensor)));
    return tensors;
  }

  /** The name of a type in TensorFlow. */
  private static String type(@Nullable ElementType type) {
    return switch (type) {
      case FLOAT32 -> "DT_FLOAT";
      case FLOAT64 -> "DT_DOUBLE";
      case INT8 -> "DT_INT8";
      case INT16 -> "DT_INT16";
      case INT32 -> "DT_INT32";
      case INT64 -> "DT_INT64";
      case UINT8 -> "DT_UINT8";
      case BOOL -> "DT_BOOL";
      case null -> "DT_STRING";
    };
  }
}
