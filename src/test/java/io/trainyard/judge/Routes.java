package io.trainyard.judge;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import io.trainyard.grpc.protocol.ModelInferResponse;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks one version about the same rows on every route, and says where it answers something else
 * than to JSON. The metadata of the inference protocol says what is sent and what must come back.
 */
public final class Routes {
  private final Http http;
  private final @Nullable GRPCInferenceServiceBlockingStub grpc;

  /**
   * @param grpc null: that route is left out
   */
  public Routes(Http http, @Nullable GRPCInferenceServiceBlockingStub grpc) {
    this.http = http;
    this.grpc = grpc;
  }

  /**
   * The first fault of a version; null when all routes agree.
   *
   * @param instances with the columns that it reads, and no others
   * @param exported whether it is exported, imported and asked once more
   */
  public @Nullable String fault(
      String model, int version, List<ObjectNode> instances, boolean exported) {
    return new Version(model, version, instances).fault(exported);
  }

  /** The answers about one target: a label for each row, numbers, or both. */
  private record Column(List<String> labels, List<double[]> numbers) {
    Column() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  private final class Version {
    private final String model;
    private final String path;
    private final String inferPath;
    private final List<ObjectNode> instances;
    private final JsonNode stored;
    private final JsonNode targets;
    private final Map<String, Column> expected;

    Version(String model, int version, List<ObjectNode> instances) {
      this.model = model;
      this.instances = instances;
      path = "/v1/models/%s/versions/%d".formatted(model, version);
      inferPath = "/v2/models/%s/versions/%d".formatted(model, version);
      stored = http.get(path).expect(200).json();
      targets = stored.at("/encoding/targets");
      Http.Answer answer = asked(path);
      expected = answer.status() == 200 ? columns(answer.json().get("predictions")) : Map.of();
      if (expected.isEmpty()) {
        throw new IllegalStateException("predict answers %s to %s".formatted(answer, body()));
      }
    }

    private ObjectNode body() {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      instances.forEach(body.putArray("instances")::add);
      return body;
    }

    private Http.Answer asked(String version) {
      return http.post(version + "/predict", body().toString());
    }

    /** The predictions by target; probabilities have the target's name and more. */
    private Map<String, Column> columns(JsonNode predictions) {
      Map<String, Column> columns = new LinkedHashMap<>();
      for (var target : targets.properties()) {
        String name = target.getKey();
        Column own = new Column();
        Column shares = new Column();
        for (JsonNode row : predictions) {
          if (isClass(target.getValue())) {
            own.labels().add(row.get(name).asString(""));
            JsonNode all = row.path("probabilities");
            JsonNode its = all.path(name).isObject() ? all.get(name) : all;
            if (its.has(target.getValue().get("classes").get(0).asString(""))) {
              shares.numbers().add(HeadAnswers.flat(its));
            }
          } else if (row.has(name)) {
            own.numbers().add(HeadAnswers.flat(row.get(name)));
          }
        }
        columns.put(name, own);
        if (!shares.numbers().isEmpty()) {
          columns.put(name + "_probabilities", shares);
        }
      }
      return columns;
    }

    private static boolean isClass(JsonNode target) {
      return target.path("kind").asString("").equals("class");
    }

    @Nullable String fault(boolean exported) {
      String fault = columnar();
      fault = fault != null ? fault : array();
      fault = fault != null ? fault : inferred();
      return fault != null || !exported ? fault : exported();
    }

    private @Nullable String difference(String route, Map<String, Column> got) {
      for (var each : expected.entrySet()) {
        Column own = got.get(each.getKey());
        if (own == null) {
          return "%s gives no %s, only %s".formatted(route, each.getKey(), got.keySet());
        }
        String difference = differing(each.getValue(), own, shares(each.getKey()));
        if (difference != null) {
          return "%s gives another %s: %s".formatted(route, each.getKey(), difference);
        }
      }
      return null;
    }

    private @Nullable Column shares(String target) {
      return expected.get(target + "_probabilities");
    }

    /** The columnar form of TensorFlow Serving. */
    private @Nullable String columnar() {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      ObjectNode inputs = body.putObject("inputs");
      for (String column : instances.getFirst().propertyNames()) {
        ArrayNode values = inputs.putArray(column);
        instances.forEach(instance -> values.add(instance.get(column)));
      }
      Http.Answer answer = http.post(path + ":predict", body.toString());
      answer = answer.status() == 404 ? http.post(path + "/predict", body.toString()) : answer;
      return answer.status() == 200
          ? difference("the columnar form", tensors(answer.json().get("outputs")))
          : "the columnar form answers %s to %s".formatted(answer, body);
    }

    private Map<String, Column> tensors(JsonNode outputs) {
      Map<String, Column> columns = new LinkedHashMap<>();
      if (outputs.isArray()) {
        // The only output has no name there.
        String only = targets.propertyNames().iterator().next();
        columns.put(only, column(only, outputs));
      }
      for (var output : outputs.properties()) {
        columns.put(output.getKey(), column(output.getKey(), output.getValue()));
      }
      return columns;
    }

    private Column column(String output, JsonNode rows) {
      Column own = new Column();
      for (JsonNode row : rows) {
        put(own, row, isLabel(output));
      }
      return own;
    }

    private boolean isLabel(String output) {
      return isClass(targets.path(output));
    }

    private static void put(Column own, JsonNode row, boolean label) {
      if (label) {
        own.labels().add(row.isArray() ? row.get(0).asString("") : row.asString(""));
      } else {
        own.numbers().add(HeadAnswers.flat(row));
      }
    }

    /** An array of the only input, and arrays of the outputs. */
    private @Nullable String array() {
      if (stored.at("/encoding/inputs").size() != 1) {
        return null;
      }
      JsonNode input = stored.at("/encoding/inputs").iterator().next();
      HostTensor rows = array(input);
      if (rows == null) {
        return null;
      }
      for (var target : targets.properties()) {
        String output = target.getValue().path("output").asString("");
        Http.Answer answer =
            http.send(
                "POST",
                path + "/predict?output=" + output,
                Npy.write(rows),
                "Content-Type",
                "application/x-npy",
                "Accept",
                "application/x-npy");
        if (answer.status() != 200) {
          return "an array answers " + answer;
        }
        String difference = array(target.getKey(), Npy.read(answer.bytes()));
        if (difference != null) {
          return "an array gives another %s: %s".formatted(target.getKey(), difference);
        }
      }
      Http.Answer json = http.post(path + "/predict", "application/x-npy", Npy.write(rows));
      return json.status() == 200
          ? difference("an array answered in JSON", columns(json.json().get("predictions")))
          : "an array answers " + json;
    }

    /** Numbers only: classes are answered as the network's own outputs. */
    private @Nullable String array(String target, HostTensor output) {
      Column own = Objects.requireNonNull(expected.get(target));
      int width = Math.toIntExact(output.shape().elements() / instances.size());
      if (own.numbers().isEmpty() || own.numbers().getFirst().length != width) {
        return null;
      }
      Column got = new Column();
      for (int i = 0; i < instances.size(); i++) {
        double[] row = new double[width];
        for (int j = 0; j < width; j++) {
          row[j] = output.doubleAt((long) i * width + j);
        }
        got.numbers().add(row);
      }
      return differing(own, got, null);
    }

    /** The rows as an array; null where they are not plain numbers. */
    private @Nullable HostTensor array(JsonNode input) {
      List<String> columns = new ArrayList<>();
      for (JsonNode column : input.path("columns")) {
        String type = column.path("type").asString("");
        if (column.has("categories")
            || column.has("features")
            || !Set.of("number", "integer").contains(type)) {
          return null;
        }
        columns.add(column.path("column").asString(""));
      }
      List<Double> numbers = new ArrayList<>();
      int length = input.at("/window/length").asInt(0);
      for (ObjectNode instance : instances) {
        for (int step = 0; step < Math.max(1, length); step++) {
          for (String column : columns) {
            JsonNode value = length == 0 ? instance.get(column) : instance.get(column).get(step);
            if (!value.isNumber()) {
              return null;
            }
            numbers.add(value.doubleValue());
          }
        }
      }
      List<Integer> dims = new ArrayList<>(List.of(instances.size()));
      if (length > 0) {
        dims.add(length);
      }
      dims.add(columns.size());
      return HostTensor.ofDoubles(
          new Shape(dims), numbers.stream().mapToDouble(each -> each).toArray());
    }

    /** The inference protocol: JSON, binary tensors and gRPC. */
    private @Nullable String inferred() {
      JsonNode metadata = http.get(inferPath).expect(200).json();
      List<Sent> sent = new ArrayList<>();
      for (JsonNode input : metadata.get("inputs")) {
        sent.add(new Sent(input));
      }
      String fault = inferredAsJson(metadata, sent);
      fault = fault != null || hasNulls() ? fault : inferredAsBinary(metadata, sent);
      return fault != null || grpc == null || hasNulls() ? fault : inferredOverGrpc(metadata, sent);
    }

    private boolean hasNulls() {
      return instances.stream().anyMatch(each -> each.toString().contains("null"));
    }

    /** A column as a tensor of the advertised type and shape. */
    private final class Sent {
      private final String name;
      private final String type;
      private final List<Integer> shape = new ArrayList<>();
      private final List<JsonNode> values = new ArrayList<>();

      Sent(JsonNode described) {
        name = described.get("name").stringValue();
        type = described.get("datatype").stringValue();
        for (JsonNode axis : described.get("shape")) {
          shape.add(axis.intValue() == -1 ? instances.size() : axis.intValue());
        }
        for (ObjectNode instance : instances) {
          leaves(instance.path(name), values);
        }
      }

      private static void leaves(JsonNode value, List<JsonNode> leaves) {
        if (value.isArray()) {
          value.forEach(each -> leaves(each, leaves));
        } else {
          leaves.add(value);
        }
      }

      ObjectNode described() {
        ObjectNode tensor = JsonNodeFactory.instance.objectNode();
        tensor.put("name", name).put("datatype", type);
        shape.forEach(tensor.putArray("shape")::add);
        return tensor;
      }

      byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        values.forEach(value -> all.writeBytes(bytes(value)));
        return all.toByteArray();
      }

      private byte[] bytes(JsonNode value) {
        ByteBuffer buffer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
          case "FP64" -> buffer.putDouble(value.doubleValue());
          case "FP32" -> buffer.putFloat((float) value.doubleValue());
          case "INT64" -> buffer.putLong(value.longValue());
          case "INT32" -> buffer.putInt(value.intValue());
          case "BOOL" -> buffer.put((byte) (value.booleanValue() ? 1 : 0));
          default -> {
            byte[] text = Http.utf8(value.asString(""));
            return ByteBuffer.allocate(4 + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(text.length)
                .put(text)
                .array();
          }
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
      }
    }

    private @Nullable String inferredAsJson(JsonNode metadata, List<Sent> sent) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      for (Sent each : sent) {
        ObjectNode tensor = each.described();
        each.values.forEach(tensor.putArray("data")::add);
        body.withArrayProperty("inputs").add(tensor);
      }
      Http.Answer answer = http.post(inferPath + "/infer", body.toString());
      if (answer.status() != 200) {
        return "infer answers %s to %s".formatted(answer, body);
      }
      Map<String, Column> columns = new LinkedHashMap<>();
      for (JsonNode output : answer.json().get("outputs")) {
        List<JsonNode> values = output.get("data").valueStream().toList();
        columns.put(name(output), column(output, values));
      }
      String fault = undescribed(metadata, answer.json().get("outputs"));
      return fault != null ? fault : difference("infer", columns);
    }

    private static String name(JsonNode output) {
      return output.get("name").stringValue();
    }

    private Column column(JsonNode output, List<JsonNode> values) {
      Column column = new Column();
      int width = values.size() / instances.size();
      for (int i = 0; i < instances.size(); i++) {
        ArrayNode row = JsonNodeFactory.instance.arrayNode();
        values.subList(i * width, (i + 1) * width).forEach(row::add);
        put(column, row, isLabel(name(output)));
      }
      return column;
    }

    /** Whether the outputs have the names, types and shapes that the metadata says. */
    private @Nullable String undescribed(JsonNode metadata, JsonNode outputs) {
      if (metadata.get("outputs").size() != outputs.size()) {
        return "metadata says %s, infer gives %s".formatted(metadata.get("outputs"), outputs);
      }
      for (int i = 0; i < outputs.size(); i++) {
        JsonNode said = metadata.get("outputs").get(i);
        JsonNode given = outputs.get(i);
        boolean same =
            said.get("name").equals(given.get("name"))
                && said.get("datatype").equals(given.get("datatype"))
                && said.get("shape").size() == given.get("shape").size();
        for (int axis = 0; same && axis < given.get("shape").size(); axis++) {
          int length = said.get("shape").get(axis).intValue();
          int wanted = length == -1 && axis == 0 ? instances.size() : length;
          same = wanted == -1 || wanted == given.get("shape").get(axis).intValue();
        }
        if (!same) {
          return "metadata says %s, infer gives %s %s %s"
              .formatted(said, given.get("name"), given.get("datatype"), given.get("shape"));
        }
      }
      return null;
    }

    private @Nullable String inferredAsBinary(JsonNode metadata, List<Sent> sent) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.putObject("parameters").put("binary_data_output", true);
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      for (Sent each : sent) {
        byte[] bytes = each.bytes();
        ObjectNode tensor = each.described();
        tensor.putObject("parameters").put("binary_data_size", bytes.length);
        body.withArrayProperty("inputs").add(tensor);
        data.writeBytes(bytes);
      }
      byte[] head = Http.utf8(body.toString());
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.writeBytes(head);
      whole.writeBytes(data.toByteArray());
      Http.Answer answer =
          http.send(
              "POST",
              inferPath + "/infer",
              whole.toByteArray(),
              "Content-Type",
              "application/octet-stream",
              "Inference-Header-Content-Length",
              String.valueOf(head.length));
      if (answer.status() != 200) {
        return "infer answers %s to binary tensors of %s".formatted(answer, body);
      }
      int length = Integer.parseInt(answer.header("Inference-Header-Content-Length"));
      JsonNode outputs =
          StrictJson.parse(new String(answer.bytes(), 0, length, StandardCharsets.UTF_8))
              .get("outputs");
      ByteBuffer rest =
          ByteBuffer.wrap(answer.bytes(), length, answer.bytes().length - length)
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN);
      Map<String, Column> columns = new LinkedHashMap<>();
      for (JsonNode output : outputs) {
        int size = output.at("/parameters/binary_data_size").intValue();
        ByteBuffer own = rest.slice(rest.position(), size).order(ByteOrder.LITTLE_ENDIAN);
        rest.position(rest.position() + size);
        columns.put(name(output), column(output, read(own, output.get("datatype").stringValue())));
      }
      String fault = undescribed(metadata, outputs);
      return fault != null ? fault : difference("infer with binary tensors", columns);
    }

    private static List<JsonNode> read(ByteBuffer bytes, String type) {
      JsonNodeFactory json = JsonNodeFactory.instance;
      List<JsonNode> values = new ArrayList<>();
      while (bytes.hasRemaining()) {
        values.add(
            switch (type) {
              case "FP32" -> number(bytes.getFloat());
              case "FP64" -> number(bytes.getDouble());
              case "INT64" -> json.numberNode(bytes.getLong());
              case "BOOL" -> json.booleanNode(bytes.get() != 0);
              default -> {
                byte[] text = new byte[bytes.getInt()];
                bytes.get(text);
                yield json.stringNode(new String(text, StandardCharsets.UTF_8));
              }
            });
      }
      return values;
    }

    private static JsonNode number(double value) {
      return Double.isFinite(value)
          ? JsonNodeFactory.instance.numberNode(value)
          : JsonNodeFactory.instance.stringNode(String.valueOf(value));
    }

    private @Nullable String inferredOverGrpc(JsonNode metadata, List<Sent> sent) {
      ModelInferRequest.Builder request =
          ModelInferRequest.newBuilder()
              .setModelName(model)
              .setModelVersion(path.substring(path.lastIndexOf('/') + 1));
      for (Sent each : sent) {
        InferInputTensor.Builder tensor =
            InferInputTensor.newBuilder().setName(each.name).setDatatype(each.type);
        each.shape.forEach(tensor::addShape);
        request.addInputs(tensor).addRawInputContents(ByteString.copyFrom(each.bytes()));
      }
      ModelInferResponse answer;
      try {
        answer = Objects.requireNonNull(grpc).modelInfer(request.build());
      } catch (StatusRuntimeException e) {
        return "gRPC answers " + e.getMessage();
      }
      ArrayNode outputs = JsonNodeFactory.instance.arrayNode();
      Map<String, Column> columns = new LinkedHashMap<>();
      for (int i = 0; i < answer.getOutputsCount(); i++) {
        var output = answer.getOutputs(i);
        ObjectNode described = outputs.addObject();
        described.put("name", output.getName()).put("datatype", output.getDatatype());
        output.getShapeList().forEach(described.putArray("shape")::add);
        ByteBuffer raw =
            answer.getRawOutputContents(i).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        columns.put(output.getName(), column(described, read(raw, output.getDatatype())));
      }
      String fault = undescribed(metadata, outputs);
      return fault != null ? "over gRPC " + fault : difference("gRPC", columns);
    }

    /** Exports the network, imports the file with the version's encoding, and asks that. */
    private @Nullable String exported() {
      Http.Answer file = http.get(path + "/onnx");
      if (file.status() == 422) {
        return file.json().path("errors").isEmpty() && file.json().path("detail").isMissingNode()
            ? "the export is refused without a reason: " + file
            : null;
      }
      if (file.status() != 200) {
        return "the export answers " + file;
      }
      ObjectNode spec = JsonNodeFactory.instance.objectNode();
      spec.set("inputs", stored.at("/spec/inputs"));
      spec.set("targets", stored.at("/spec/targets"));
      String copy = model + "-onnx";
      Http.Answer imported =
          new Multipart()
              .part("spec", spec.toString())
              .part("encoding", stored.get("encoding").toString())
              .part("onnx", file.bytes())
              .post(http, "/v1/models/" + copy + "/versions");
      if (imported.status() != 201) {
        return "the exported network cannot be imported: " + imported;
      }
      String version = "/v1/models/%s/versions/%s".formatted(copy, imported.json().get("version"));
      Http.Answer answer = asked(version);
      return answer.status() == 200
          ? difference("the exported network", columns(answer.json().get("predictions")))
          : "the exported network answers " + answer;
    }
  }

  /** Whether two answers are of the same rows, as far as 32-bit outputs say; null when they are. */
  private static @Nullable String differing(Column expected, Column got, @Nullable Column shares) {
    if (expected.labels().size() != got.labels().size()
        || expected.numbers().size() != got.numbers().size()) {
      return "%d rows, expected %d"
          .formatted(
              got.labels().size() + got.numbers().size(),
              expected.labels().size() + expected.numbers().size());
    }
    for (int row = 0; row < expected.labels().size(); row++) {
      boolean same = expected.labels().get(row).equals(got.labels().get(row));
      if (!same && (shares == null || !isNearlyTied(shares.numbers().get(row)))) {
        return "%s, expected %s".formatted(got.labels(), expected.labels());
      }
    }
    for (int row = 0; row < expected.numbers().size(); row++) {
      double[] wanted = expected.numbers().get(row);
      double[] given = got.numbers().get(row);
      boolean same = wanted.length == given.length;
      for (int i = 0; same && i < wanted.length; i++) {
        same = isClose(given[i], wanted[i]);
      }
      if (!same) {
        return "row %d is %s, expected %s"
            .formatted(row, Arrays.toString(given), Arrays.toString(wanted));
      }
    }
    return null;
  }

  private static boolean isClose(double given, double wanted) {
    return Double.compare(given, wanted) == 0
        || Math.abs(given - wanted) <= 2e-4 * Math.abs(wanted) + 2e-5;
  }

  private static boolean isNearlyTied(double[] shares) {
    double[] sorted = shares.clone();
    Arrays.sort(sorted);
    return sorted.length > 1 && sorted[sorted.length - 1] - sorted[sorted.length - 2] < 1e-4;
  }
}
