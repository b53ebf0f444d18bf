package io.trainyard.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.WeightStore;
import io.trainyard.onnx.format.OnnxFile;
import io.trainyard.onnx.format.ProtoWriter;
import io.trainyard.os.HeldFile;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes versions as ONNX files. A file is handed out only after ONNX Runtime has computed from it,
 * for random rows, what the engine computes.
 */
public final class OnnxExport {
  /** The first version of the operators that has all that layers need. */
  public static final int FIRST_OPSET = 17;

  /** The last version that ONNX Runtime knows. */
  public static final int LAST_OPSET = 23;

  /** Protobuf's own limit for a message is 2 GiB. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (1L << 20);

  /** One row and several take different kernels. */
  private static final int[] ROWS = {3, 1};

  /** How often other rows are drawn where some differ. */
  private static final int DRAWS = 3;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final WeightStore weights;
  private final Networks networks;
  private final Executor compute;
  private final OnnxRuntime runtime;

  /** An export needs several times the memory of its weights. */
  private final ReentrantLock oneAtATime = new ReentrantLock();

  /** Loads a network into the engine. */
  @FunctionalInterface
  public interface Networks {
    LoadedNetwork load(NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> weights);
  }

  /**
   * @param compute runs work on a thread that the engine's networks may use, and waits for it
   */
  public OnnxExport(WeightStore weights, Networks networks, Executor compute, OnnxRuntime runtime) {
    this.weights = weights;
    this.networks = networks;
    this.compute = compute;
    this.runtime = runtime;
  }

  /**
   * The file of a version; an imported one is as it came.
   *
   * @param opset the version of the operators; null: the first that has all, or the file's own
   * @throws ServiceException NOT_EXPORTABLE with the layers that have no faithful form
   */
  public byte[] write(ModelVersion version, @Nullable Integer opset) {
    if (version.isForeign()) {
      return imported(version, opset);
    }
    VersionDefinition definition = VersionDefinition.of(version);
    try {
      if (!oneAtATime.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw busy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    }
    try (SafeTensors stored = weights.open(version.weights())) {
      NetworkSpec network = definition.spec().network();
      return write(
          version.reference(),
          network,
          definition.shapes(),
          stored.tensors(),
          opset == null ? FIRST_OPSET : opset);
    } finally {
      oneAtATime.unlock();
    }
  }

  private byte[] imported(ModelVersion version, @Nullable Integer opset) {
    try (HeldFile held = weights.file(version.weights())) {
      byte[] file = Files.readAllBytes(held.path());
      long own = OnnxFile.read(ByteBuffer.wrap(file)).opset();
      if (opset != null && opset != own) {
        throw new ServiceException(
            ErrorCode.NOT_EXPORTABLE,
            "%s was imported with version %d of the operators; leave opset out"
                .formatted(version.reference(), own));
      }
      return file;
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "The file of " + version.reference() + " cannot be read now", e);
    }
  }

  private static ServiceException busy() {
    return new ServiceException(
        ErrorCode.UNAVAILABLE, "Other versions are being exported; retry later");
  }

  /** The file of a network with weights by name; {@code name} is for the file and faults. */
  byte[] write(
      String name,
      NetworkSpec network,
      NetworkShapes shapes,
      Map<String, HostTensor> tensors,
      int opset) {
    return new Export(name, network, shapes, tensors, opset).checked();
  }

  /** The export of one network. */
  private final class Export {
    private final String name;
    private final NetworkSpec network;
    private final NetworkShapes shapes;
    private final Map<String, HostTensor> tensors;
    private final int opset;

    Export(
        String name,
        NetworkSpec network,
        NetworkShapes shapes,
        Map<String, HostTensor> tensors,
        int opset) {
      this.name = name;
      this.network = network;
      this.shapes = shapes;
      this.tensors = tensors;
      this.opset = opset;
    }

    byte[] checked() {
      byte[] file = file(network.outputs());
      List<Violation> unfaithful = new ArrayList<>();
      try (LoadedNetwork engine = networks.load(network, shapes, tensors)) {
        compute.execute(
            () -> {
              if (!agrees(engine, file, network.outputs()).isEmpty()) {
                unfaithful.addAll(unfaithful(engine));
              }
            });
      }
      if (!unfaithful.isEmpty()) {
        throw new ServiceException(
            ErrorCode.NOT_EXPORTABLE,
            "%s has no faithful ONNX form: %s".formatted(name, unfaithful.getFirst().detail()),
            unfaithful);
      }
      return file;
    }

    private byte[] file(List<String> outputs) {
      ProtoWriter proto = new OnnxWriter(network, shapes, tensors).write(name, outputs, opset);
      if (proto.size() > MOST_BYTES) {
        throw new ServiceException(
            ErrorCode.NOT_EXPORTABLE,
            "An ONNX file holds at most %d bytes, but %s needs %d"
                .formatted(MOST_BYTES, name, proto.size()));
      }
      return proto.toBytes();
    }

    /** The first layers whose values differ; the whole network when none does. */
    private List<Violation> unfaithful(LoadedNetwork engine) {
      List<String> all = network.layers().stream().map(Layer::name).toList();
      Map<String, String> faults = agrees(engine, file(all), all);
      List<Violation> violations = new ArrayList<>();
      for (Layer layer : network.layers()) {
        String fault = faults.get(layer.name());
        if (fault != null && layer.inputs().stream().noneMatch(faults::containsKey)) {
          violations.add(
              new Violation(
                  "/spec/network/layers/" + layer.index(),
                  "Layer '%s' (%s): %s".formatted(layer.name(), layer.spec().type(), fault)));
        }
      }
      if (violations.isEmpty()) {
        String fault = faults.getOrDefault("", "ONNX Runtime computes other numbers");
        violations.add(new Violation("/spec/network", fault));
      }
      return violations;
    }

    private static ByteBuffer direct(byte[] file) {
      return ByteBuffer.allocateDirect(file.length).put(file).flip();
    }

    /**
     * By layer, what is wrong with its value; "" when ONNX Runtime refuses the whole file. A layer
     * that divides a tiny difference, as a normalization of two equal numbers, magnifies the
     * rounding of some rows, so what is wrong is wrong in other rows too.
     */
    private Map<String, String> agrees(LoadedNetwork engine, byte[] file, List<String> outputs) {
      Map<String, String> faults = faults(engine, file, outputs, 1);
      for (int draw = 2; draw <= DRAWS && !faults.isEmpty(); draw++) {
        faults.keySet().retainAll(faults(engine, file, outputs, draw).keySet());
      }
      return faults;
    }

    private Map<String, String> faults(
        LoadedNetwork engine, byte[] file, List<String> outputs, int draw) {
      Map<String, String> faults = new LinkedHashMap<>();
      try (OnnxSession session = new OnnxSession(runtime, direct(file), OnnxRuntime.Trust.OWN);
          OrtSession.RunOptions options = new OrtSession.RunOptions()) {
        for (int rows : ROWS) {
          Map<String, HostTensor> inputs = RandomRows.of(network, shapes, rows, draw);
          Map<String, HostTensor> expected = engine.forward(inputs, outputs, () -> false);
          Map<String, OnnxSession.Result> results = new LinkedHashMap<>();
          expected.forEach(
              (name, value) ->
                  results.put(name, new OnnxSession.Result(value.type(), value.shape())));
          Map<String, HostTensor> computed = session.run(inputs, results, options);
          for (String output : outputs) {
            String fault = Agreement.fault(expected.get(output), computed.get(output));
            if (fault != null) {
              faults.putIfAbsent(output, fault);
            }
          }
        }
      } catch (OrtException e) {
        faults.put("", "ONNX Runtime refuses it: " + OnnxFailure.shown(e));
      }
      return faults;
    }
  }
}
