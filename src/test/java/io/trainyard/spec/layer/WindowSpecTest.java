package io.trainyard.spec.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.Specs;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Shapes, counts and refusals of randomly chosen convolutions and pools agree with PyTorch. */
class WindowSpecTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/window_settings.json");

  @Test
  void shapesCountsAndRefusalsAreThoseOfPyTorch() throws IOException {
    List<String> wrong = new ArrayList<>();
    JsonNode settings = StrictJson.parse(Files.readAllBytes(GOLDEN)).get("settings");
    for (JsonNode setting : settings) {
      String expected =
          setting.has("refused")
              ? "refused"
              : setting.get("output") + " with " + setting.get("parameters");
      for (DataFormat format : DataFormat.values()) {
        String found = found(setting, format);
        if (!found.equals(expected)) {
          wrong.add(setting + ": expected " + expected + ", got " + found);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(settings.size()).isEqualTo(300);
  }

  /** The output with channels first, as in PyTorch, and the number of parameters. */
  private static String found(JsonNode setting, DataFormat format) {
    List<Integer> dims = new ArrayList<>();
    setting.get("row").forEach(length -> dims.add(length.intValue()));
    Shape row = format.row(dims.getFirst(), dims.subList(1, dims.size()));
    String text =
        "{'name': 'm', 'network': {'data_format': '%s', 'inputs': {'x': {'shape': %s}}, 'layers': [%s]}}"
            .formatted(format.name().toLowerCase(Locale.ROOT), row, setting.get("layer"));
    Violations violations = new Violations();
    ModelSpec model;
    try {
      model = Specs.model(text);
    } catch (ServiceException e) {
      return "refused";
    }
    NetworkShapes shapes =
        ShapeInference.infer(model.network(), model.network().inputs(), "", violations);
    if (!violations.isEmpty()) {
      return "refused";
    }
    LayerShape layer = shapes.layer(model.network().layers().getFirst().name());
    List<Integer> output = new ArrayList<>(List.of(format.channels(layer.output())));
    output.addAll(format.spatial(layer.output()));
    return output.toString().replace(" ", "") + " with " + layer.parameters();
  }
}
