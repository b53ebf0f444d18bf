package io.trainyard.api.model;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.keras.KerasImport;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Converts models of other libraries. */
@RestController
class ConvertController {

  /** {@code model} is null when something is unsupported. */
  record Conversion(@Nullable JsonNode model, List<Violation> unsupported) {}

  @PostMapping("/v1/models:convert")
  Conversion convert(@RequestBody JsonNode body) {
    Violations violations = new Violations();
    JsonObject members = JsonObject.of(body, "", violations);
    JsonNode keras = members.get("keras");
    if (violations.isEmpty() && keras == null) {
      members.violate("keras", "'keras' is required");
    }
    members.finish();
    violations.throwIfAny();
    JsonNode document = Objects.requireNonNull(keras);
    if (document.isString()) {
      try {
        document = StrictJson.parse(document.stringValue());
      } catch (ServiceException e) {
        String detail = "The text is no document of Keras, which is JSON: " + e.detail();
        return new Conversion(null, List.of(new Violation("/keras", detail)));
      }
    }
    KerasImport.Converted converted = KerasImport.convert(document, "/keras");
    return new Conversion(converted.model(), converted.unsupported());
  }
}
