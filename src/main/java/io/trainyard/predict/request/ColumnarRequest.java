package io.trainyard.predict.request;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.JsonStream;
import io.trainyard.predict.ByteBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/**
 * The columnar form of TensorFlow Serving: {@code {"inputs": {name: [one per row]}}}, or the list
 * alone for a model with one input.
 */
public final class ColumnarRequest implements NamedTensorsRequest.Source {
  private static final int MOST_INPUTS = 20_000;

  private static final int MOST_TARGETS = 1000;

  /** Of a tensor by its number. */
  private static final Pattern PLACE = Pattern.compile("/inputs/(\\d{1,5})(/.*)?");

  private final byte[] body;

  /** Where the tensors are, in the order in which they were read. */
  private final List<String> places = new ArrayList<>();

  private @Nullable JsonNode threshold;

  public ColumnarRequest(byte[] body) {
    this.body = body;
  }

  @Override
  public List<String> asked() {
    return List.of();
  }

  @Override
  public @Nullable JsonNode threshold() {
    return threshold;
  }

  @Override
  public List<NamedTensor> tensors(ByteBudget.Reservation memory, Violations violations) {
    List<NamedTensor> tensors = new ArrayList<>();
    try (JsonStream in = new JsonStream(body)) {
      in.next();
      while (in.next() != JsonToken.END_OBJECT) {
        String name = in.name();
        in.next();
        switch (name) {
          case "inputs" -> read(in, memory, tensors);
          case "threshold" -> threshold = in.tree(MOST_TARGETS, "/threshold");
          case "signature_name" -> in.skip();
          default -> {
            violations.add(
                Violation.pointer("", JsonObject.shorten(name)),
                "Unknown member '%s'; known here: inputs, signature_name, threshold"
                    .formatted(JsonObject.shorten(name)));
            in.skip();
          }
        }
      }
      in.expectEnd();
    }
    return tensors;
  }

  @Override
  public Violation placed(Violation fault) {
    return fault.moved(this::placed);
  }

  private String placed(String pointer) {
    Matcher place = PLACE.matcher(pointer);
    if (!place.matches() || Integer.parseInt(place.group(1)) >= places.size()) {
      return pointer;
    }
    String within = place.group(2) == null ? "" : place.group(2);
    return places.get(Integer.parseInt(place.group(1))) + within;
  }

  private void read(JsonStream in, ByteBudget.Reservation memory, List<NamedTensor> tensors) {
    if (in.current() != JsonToken.START_OBJECT) {
      places.add("/inputs");
      tensors.add(new NestedTensor(in, "/inputs", memory).read(""));
      return;
    }
    while (in.next() != JsonToken.END_OBJECT) {
      String name = in.name();
      if (tensors.size() == MOST_INPUTS) {
        throw ServiceException.invalid(
            "/inputs", "At most " + MOST_INPUTS + " inputs were expected, there are more");
      }
      in.next();
      String pointer = Violation.pointer("/inputs", JsonObject.shorten(name));
      places.add(pointer);
      tensors.add(new NestedTensor(in, pointer, memory).read(name));
    }
  }
}
