package io.trainyard.api;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.KerasImport;
import io.trainyard.spec.Members;
import io.trainyard.spec.StrictJson;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Reads models of other libraries. */
@RestController
@Tag(name = "Models")
class ConvertController {

  record Conversion(@Nullable JsonNode model, List<Violation> unsupported) {}

  @PostMapping("/v1/models:convert")
  @Operation(
      summary = "Turn a Keras model into a model object",
      description =
          "'keras' is what model.to_json() of Keras 3 gives, as a string or as the object in it."
              + " 'model' is null when something has no counterpart; 'unsupported' says what.",
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON_VALUE,
                      examples = @ExampleObject(EXAMPLE))))
  Conversion convert(@RequestBody JsonNode body) {
    Violations violations = new Violations();
    Members members = Members.of(body, "", violations);
    JsonNode keras = members.get("keras");
    if (violations.isEmpty() && keras == null) {
      members.violate("keras", "'keras' is required");
    }
    members.finish();
    violations.throwIfAny();
    JsonNode document =
        keras != null && keras.isString() ? StrictJson.parse(keras.stringValue()) : keras;
    KerasImport.Converted converted =
        KerasImport.convert(Objects.requireNonNull(document), "/keras");
    return new Conversion(converted.model(), converted.unsupported());
  }

  private static final String EXAMPLE =
      """
      {"keras": {"class_name": "Sequential", "config": {"name": "net", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "x"}},
        {"class_name": "Dense", "config": {"name": "hidden", "units": 16, "activation": "relu"}},
        {"class_name": "Dense", "config": {"name": "out", "units": 3, "activation": "softmax"}}]}}}
      """;
}
