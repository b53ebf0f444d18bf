package io.trainyard.onnx.host;

import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.onnx.RunWatch;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Signature;
import io.trainyard.spec.layer.LayerSpec.Foreign.Together;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** An imported file that a host computes. Many threads may use it at once. */
final class HostedNetwork implements LoadedNetwork {
  /** How long its end waits for a lane while somebody waits for it. */
  private static final Duration SHORT_TURN = Duration.ofMillis(200);

  private static final Duration LONG_TURN = Duration.ofMinutes(1);

  private final HostProcess host;
  private final HostWatch watch;
  private final String file;
  private final long network;
  private final long bytes;
  private final Map<String, Signature.Tensor> outputs;
  private final BooleanSupplier over;
  private final Function<LostHost, RuntimeException> loss;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HostedNetwork(
      HostProcess host,
      HostWatch watch,
      String file,
      long network,
      long bytes,
      Map<String, Signature.Tensor> outputs,
      BooleanSupplier over,
      Function<LostHost, RuntimeException> loss) {
    this.host = host;
    this.watch = watch;
    this.file = file;
    this.network = network;
    this.bytes = bytes;
    this.outputs = outputs;
    this.over = over;
    this.loss = loss;
  }

  /**
   * Loads a file into a host.
   *
   * @param version by the content of whose file a death is explained
   * @param over whether nobody waits for what the network computes any more
   * @param loss what callers are told when the host dies
   */
  static LoadedNetwork load(
      HostProcess host,
      HostWatch watch,
      ModelVersion version,
      Path path,
      NetworkShapes shapes,
      BooleanSupplier over,
      Function<LostHost, RuntimeException> loss) {
    String file = version.weights().sha256();
    NetworkSpec spec = version.modelSpec().network();
    Map<String, Signature.Tensor> outputs = new LinkedHashMap<>();
    shapes
        .layers()
        .forEach(
            (name, layer) ->
                outputs.put(name, new Signature.Tensor(spec.elementOf(name), layer.output())));
    long network = host.nextNetwork();
    HostMessage.Load load =
        new HostMessage.Load(
            network,
            path.toAbsolutePath().toString(),
            outputs,
            spec.foreignTogether() == Together.ONE);
    host.loaded(file);
    try {
      HostMessage answer =
          host.request(
              file,
              lane -> {
                try (RunWatch.Run _ = watch.watchLoad(host, lane, file, over)) {
                  return lane.call(load);
                }
              });
      return new HostedNetwork(host, watch, file, network, bytes(answer), outputs, over, loss);
    } catch (LostHost e) {
      host.unloaded(file);
      throw loss.apply(e);
    } catch (RuntimeException | Error e) {
      host.unloaded(file);
      throw e;
    }
  }

  private static long bytes(HostMessage answer) {
    return switch (answer) {
      case HostMessage.Done(long bytes, String _) -> bytes;
      case HostMessage.Stopped _ -> throw new CancellationException("nobody waits for this");
      case HostMessage.Refused refused -> throw refused.exception();
      default -> throw new IllegalStateException("not an answer: " + answer);
    };
  }

  @Override
  public Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs, List<String> names, BooleanSupplier stopped) {
    BooleanSupplier ended = () -> stopped.getAsBoolean() || over.getAsBoolean();
    if (ended.getAsBoolean()) {
      throw new CancellationException("nobody waits for this any more");
    }
    int rows = inputs.values().iterator().next().shape().axis(0);
    List<HostMessage.Tensor> given = new ArrayList<>();
    List<HostMessage.Tensor> wanted = new ArrayList<>();
    long place = SharedTensors.ALIGNMENT;
    for (Map.Entry<String, HostTensor> input : inputs.entrySet()) {
      HostTensor tensor = input.getValue();
      given.add(new HostMessage.Tensor(input.getKey(), tensor.type(), tensor.shape(), place));
      place = SharedTensors.behind(place, tensor.bytes());
    }
    for (String name : names) {
      Signature.Tensor output =
          Objects.requireNonNull(outputs.get(ForwardPlan.layerOf(name)), name);
      Shape shape = output.shape().batched(rows);
      wanted.add(new HostMessage.Tensor(name, output.type(), shape, place));
      place = SharedTensors.behind(place, shape.elements() * output.type().bytes());
    }
    long end = place;
    try {
      return host.request(file, lane -> run(lane, end, inputs, given, wanted, ended));
    } catch (LostHost e) {
      throw loss.apply(e);
    }
  }

  private Map<String, HostTensor> run(
      Lane lane,
      long end,
      Map<String, HostTensor> inputs,
      List<HostMessage.Tensor> given,
      List<HostMessage.Tensor> wanted,
      BooleanSupplier stopped)
      throws IOException {
    SharedTensors memory = lane.memory(end);
    memory.stop(false);
    for (HostMessage.Tensor tensor : given) {
      memory
          .at(tensor.place(), tensor.type(), tensor.shape())
          .data()
          .copyFrom(Objects.requireNonNull(inputs.get(tensor.name())).data());
    }
    HostMessage request = new HostMessage.Run(network, lane.newFile(), given, wanted);
    HostMessage answer;
    try (RunWatch.Run _ = watch.watch(host, lane, file, stopped)) {
      answer = lane.call(request);
    }
    var _ = bytes(answer);
    Map<String, HostTensor> results = LinkedHashMap.newLinkedHashMap(wanted.size());
    for (HostMessage.Tensor tensor : wanted) {
      HostTensor own = HostTensor.allocate(tensor.type(), tensor.shape());
      own.data().copyFrom(memory.at(tensor.place(), tensor.type(), tensor.shape()).data());
      results.put(tensor.name(), own);
    }
    return results;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (!unload(SHORT_TURN)) {
      Thread.ofVirtual().name("unload").start(this::unloadLater);
    }
  }

  private void unloadLater() {
    while (!unload(LONG_TURN)) {
      Thread.onSpinWait(); // it has waited for a lane
    }
  }

  /** Frees it in its host; false when no lane was free in time. */
  private boolean unload(Duration turn) {
    try {
      if (host.isAlive()) {
        var _ = host.request(file, turn, lane -> lane.call(new HostMessage.Unload(network)));
      }
    } catch (LostHost | CancellationException _) {
      // Its memory is free too.
    } catch (ServiceException e) {
      return false;
    }
    host.unloaded(file);
    return true;
  }
}
