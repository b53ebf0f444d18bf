package io.trainyard.onnx;

import io.trainyard.model.ForeignNetworks;
import io.trainyard.spec.Signature;
import io.trainyard.spec.check.Warning;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reading the network of a caller's ONNX file as a task of another process, in JSON: the lists of a
 * large forest need much memory.
 */
public final class NetworkTask {
  /** How the other process knows it. */
  public static final String KIND = "network";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private NetworkTask() {}

  /**
   * What is read.
   *
   * @param mostBytes the largest file
   * @param given what the caller says of the network
   */
  private record Request(String file, long mostBytes, JsonNode given) {}

  private record Reply(
      ObjectNode json,
      Map<String, Input> inputs,
      @Nullable String mixing,
      Map<String, String> libraries,
      List<Warning> warnings) {}

  private record Input(ElementType type, List<Integer> shape) {}

  /** Has another process read files. */
  public interface Runner {
    /** Sends a request for a file. */
    String run(Path file, String request);
  }

  /**
   * Networks that are read in another process.
   *
   * @param mostBytes the largest file
   */
  public static ForeignNetworks in(Runner runner, long mostBytes) {
    return (file, given) -> {
      Request request = new Request(file.toAbsolutePath().toString(), mostBytes, given);
      Reply reply = JSON.readValue(runner.run(file, JSON.writeValueAsString(request)), Reply.class);
      Map<String, Signature.Tensor> inputs = new LinkedHashMap<>();
      reply
          .inputs()
          .forEach(
              (name, input) ->
                  inputs.put(name, new Signature.Tensor(input.type(), new Shape(input.shape()))));
      return new ForeignNetworks.Network(
          reply.json(), inputs, reply.mixing(), reply.libraries(), reply.warnings());
    };
  }

  /** Does what a request says, in the other process. */
  public static String run(String request) {
    Request read = JSON.readValue(request, Request.class);
    ForeignNetworks.Network network =
        new OnnxImport(read.mostBytes()).read(Path.of(read.file()), read.given());
    Map<String, Input> inputs = new LinkedHashMap<>();
    network
        .inputs()
        .forEach((name, input) -> inputs.put(name, new Input(input.type(), input.shape().dims())));
    return JSON.writeValueAsString(
        new Reply(
            network.json(), inputs, network.mixing(), network.libraries(), network.warnings()));
  }
}
