package io.trainyard.api.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.TestModels;
import io.trainyard.predict.request.NamedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The fast reader of large bodies beside the full one: the same tensors, or the same refusal. */
class InferBodyTest {
  private static final List<String> TYPES =
      List.of(
          "FP32", "FP32", "FP64", "FP16", "INT8", "INT32", "INT64", "UINT8", "UINT64", "BOOL",
          "BYTES");

  private static final List<String> FAULTS =
      List.of(
          "1e400",
          "3.5e38",
          "-0.0",
          "-0",
          "2.50",
          "1.0",
          "300",
          "-1",
          "9223372036854775807",
          "18446744073709551615",
          "01",
          "+1",
          ".5",
          "1.",
          "1e",
          "NaN",
          "null",
          "true",
          "\"1\"",
          "\"\\u0000\"",
          "{}",
          "[]",
          "[1]",
          "",
          "1 2",
          "0.1234567890123456789012345");

  private final Random random = new Random(7);

  @Test
  void largeBodiesGiveTheSameInBothReaders() {
    int answered = 0;
    int refused = 0;
    for (int i = 0; i < 4000; i++) {
      String body = body();
      // An escape in the body's first name leaves all of it to the full reader.
      String plain = "{     \"id\":\"a\"," + body;
      String escaped = "{\"\\u0069d\":\"a\"," + body;
      Object given = read(plain);
      assertThat(given).as(plain).isEqualTo(read(escaped));
      answered += given instanceof Refusal ? 0 : 1;
      refused += given instanceof Refusal ? 1 : 0;
    }
    assertThat(answered).isGreaterThan(1000);
    assertThat(refused).isGreaterThan(1000);
  }

  private record Refusal(Object code, List<String> places) {}

  private record Tensor(String name, Object type, Object shape, Object elements) {}

  private static Object read(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try (ByteBudget.Reservation memory = TestModels.memory(false)) {
      InferBody body = new InferBody(bytes, bytes.length);
      List<Object> read = new ArrayList<>();
      Violations violations = new Violations();
      for (NamedTensor tensor : body.tensors(memory, violations)) {
        read.add(
            switch (tensor) {
              case NamedTensor.Numbers(String name, var numbers, _, _, _) ->
                  new Tensor(name, numbers.type(), numbers.shape(), bytes(numbers.data()));
              case NamedTensor.Texts(String name, var shape, var texts, _) ->
                  new Tensor(name, "texts", shape, texts);
            });
      }
      violations.throwIfAny();
      read.add(body.asked());
      read.add(body.id());
      read.add(body.isBinary("o"));
      read.add(memory.held());
      return read;
    } catch (ServiceException e) {
      return new Refusal(e.code(), e.violations().stream().map(Violation::toString).toList());
    }
  }

  private static List<Byte> bytes(MemorySegment data) {
    List<Byte> all = new ArrayList<>();
    for (byte each : data.toArray(ValueLayout.JAVA_BYTE)) {
      all.add(each);
    }
    return all;
  }

  /** The rest of a body behind its first member. */
  private String body() {
    List<String> members = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    inputs.add(input("x", 400 + random.nextInt(9)));
    if (random.nextInt(4) == 0) {
      inputs.add(input(random.nextInt(5) == 0 ? "x" : "z", 6));
    }
    members.add("\"inputs\":[" + String.join(", ", inputs) + "]");
    String others =
        choice(
            "",
            "",
            "\"outputs\":[{\"name\":\"o\",\"parameters\":{\"binary_data\":true}}]",
            "\"parameters\":{\"binary_data_output\":true,\"x\":[1,{\"y\":[]}]}",
            "\"outputs\":null",
            "\"other\":{\"a\":[1,\"b\\\"\"]}",
            "\"outputs\":[{\"name\":3}]",
            "\"id\":\"b\"",
            "\"other\":{\"a\":1,\"a\":2}");
    if (!others.isEmpty()) {
      members.add(others);
    }
    Collections.shuffle(members, random);
    String end = choice("}", "}", "}", "}", "}", "}", "}", "}", "}", " }\n", "} x", "", "}}");
    return String.join(",", members) + end;
  }

  private String input(String name, int count) {
    String type = choice(TYPES.toArray(String[]::new));
    int rows = 1 + random.nextInt(4);
    int width = count / rows;
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < rows * width; i++) {
      numbers.add(
          switch (type) {
            case "BYTES" -> "\"t" + i + "\"";
            case "BOOL" -> choice("true", "false", "0", "1");
            case "FP32", "FP64", "FP16" -> String.valueOf((float) random.nextGaussian());
            default -> String.valueOf(random.nextInt(128));
          });
    }
    if (random.nextInt(5) == 0) {
      numbers.set(random.nextInt(numbers.size()), FAULTS.get(random.nextInt(FAULTS.size())));
    }
    if (random.nextInt(12) == 0) {
      numbers.removeLast();
    }
    String data = "[" + String.join(choice(",", ", "), numbers) + "]";
    if (random.nextInt(3) == 0 && numbers.size() == rows * width) {
      List<String> nested = new ArrayList<>();
      for (int row = 0; row < rows; row++) {
        nested.add("[" + String.join(",", numbers.subList(row * width, (row + 1) * width)) + "]");
      }
      data = "[" + String.join(",\n", nested) + "]";
    }
    List<String> members =
        new ArrayList<>(
            Arrays.asList(
                "\"name\":\"" + name + "\"",
                "\"shape\":[" + rows + "," + width + "]",
                "\"datatype\":\"" + type + "\"",
                "\"data\":" + data));
    switch (random.nextInt(12)) {
      case 0 -> Collections.shuffle(members, random);
      case 1 -> members.remove(random.nextInt(members.size()));
      case 2 -> members.add(members.get(random.nextInt(members.size())));
      case 3 -> members.add(1, "\"parameters\":{\"binary_data_size\":4}");
      case 4 -> members.add(random.nextInt(4), "\"more\":[{\"a\":\"ä\"},null,[[]]]");
      default -> {}
    }
    return "{" + String.join(",", members) + "}";
  }

  private String choice(String... of) {
    return of[random.nextInt(of.length)];
  }
}
