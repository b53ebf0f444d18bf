package io.trainyard.api;

import io.trainyard.error.Violations;
import io.trainyard.predict.JsonRequest;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.Predictor;
import io.trainyard.spec.Members;
import io.trainyard.spec.StrictJson;
import io.trainyard.tensor.HostTensor;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Predictions in JSON. */
@RestController
class PredictController {
  private final Predictor predictor;
  private final int maxBytes;

  PredictController(Predictor predictor, HttpProperties properties) {
    this.predictor = predictor;
    this.maxBytes = (int) properties.maxPredict().toBytes();
  }

  @PostMapping(
      path = {"/v1/models/{model}/predict", "/v1/models/{model}:predict"},
      consumes = MediaType.APPLICATION_JSON_VALUE)
  ObjectNode predict(@PathVariable String model, HttpServletRequest request) throws IOException {
    return answer(model, null, request);
  }

  @PostMapping(
      path = {
        "/v1/models/{model}/versions/{version}/predict",
        "/v1/models/{model}/versions/{version}:predict"
      },
      consumes = MediaType.APPLICATION_JSON_VALUE)
  ObjectNode predict(
      @PathVariable String model, @PathVariable String version, HttpServletRequest request)
      throws IOException {
    return answer(model, version, request);
  }

  private ObjectNode answer(String model, @Nullable String version, HttpServletRequest request)
      throws IOException {
    JsonRequest asked =
        read(
            StrictJson.parse(
                BoundedBody.read(
                    request.getInputStream(), request.getContentLengthLong(), maxBytes)));
    return view(predictor.predict(model, version, asked, null), asked.outputs());
  }

  private static JsonRequest read(JsonNode body) {
    Violations violations = new Violations();
    Members members = Members.of(body, "", violations);
    JsonNode instances = members.get("instances");
    if (instances == null) {
      members.violate("instances", "'instances' is required: a list, one for each row");
      instances = JsonNodeFactory.instance.arrayNode();
    }
    List<String> outputs = members.texts("outputs");
    members.finish();
    violations.throwIfAny();
    return new JsonRequest(instances, outputs == null ? List.of() : outputs);
  }

  private static ObjectNode view(Prediction prediction, List<String> asked) {
    ObjectNode view = JsonNodeFactory.instance.objectNode();
    view.put("model", prediction.version().model());
    view.put("version", prediction.version().version());
    view.set("predictions", predictions(prediction));
    if (!asked.isEmpty()) {
      ObjectNode outputs = view.putObject("outputs");
      asked.forEach(name -> outputs.set(name, nested(prediction.output(name))));
    }
    return view;
  }

  private static JsonNode predictions(Prediction prediction) {
    if (prediction.blueprint().encoding() != null) {
      return prediction.blueprint().encoding().decode(prediction.outputs(), prediction.rows());
    }
    List<String> outputs = prediction.blueprint().spec().network().outputs();
    if (outputs.size() == 1) {
      return nested(prediction.output(outputs.getFirst()));
    }
    ArrayNode rows = JsonNodeFactory.instance.arrayNode(prediction.rows());
    for (int row = 0; row < prediction.rows(); row++) {
      ObjectNode one = rows.addObject();
      for (String output : outputs) {
        HostTensor tensor = prediction.output(output);
        one.set(output, nested(tensor.rows(row, 1)).get(0));
      }
    }
    return rows;
  }

  private static JsonNode nested(HostTensor tensor) {
    return TensorAnswers.nested(tensor, tensor.shape(), 0, new long[1]);
  }
}
