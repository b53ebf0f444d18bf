package io.trainyard.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An imported file that answers. Many threads may use it at once. */
final class OnnxNetwork implements LoadedNetwork {
  private static final Logger log = LoggerFactory.getLogger(OnnxNetwork.class);
  private final OnnxRuntime runtime;
  private final OnnxSession session;
  private final OnnxSignature signature;
  private final Map<String, Signature.Tensor> outputs;
  private final boolean oneByOne;
  private final long bytes;

  OnnxNetwork(
      OnnxRuntime runtime,
      OnnxSession session,
      OnnxSignature signature,
      Map<String, Signature.Tensor> outputs,
      boolean oneByOne,
      long bytes) {
    this.runtime = runtime;
    this.session = session;
    this.signature = signature;
    this.outputs = Map.copyOf(outputs);
    this.oneByOne = oneByOne;
    this.bytes = bytes;
  }

  @Override
  public Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs, List<String> names, BooleanSupplier stopped) {
    int rows = inputs.values().iterator().next().shape().axis(0);
    Map<String, HostTensor> given = new LinkedHashMap<>();
    for (OnnxSignature.Tensor input : signature.inputs()) {
      HostTensor tensor = Objects.requireNonNull(inputs.get(input.name()), input.name());
      given.put(input.fileName(), Conversion.to(input.type(), tensor, input.name()));
    }
    Map<String, HostTensor> computed =
        oneByOne && rows > 1
            ? rowByRow(given, names, rows, stopped)
            : run(given, names, rows, stopped);
    Map<String, HostTensor> results = LinkedHashMap.newLinkedHashMap(names.size());
    for (String name : names) {
      HostTensor value = Objects.requireNonNull(computed.get(tensor(name).fileName()));
      results.put(name, Conversion.to(output(tensor(name).name()).type(), value, name));
    }
    return results;
  }

  /** A file that takes one row at a time, or may mix rows. */
  private Map<String, HostTensor> rowByRow(
      Map<String, HostTensor> given, List<String> outputs, int rows, BooleanSupplier stopped) {
    Map<String, HostTensor> all = new LinkedHashMap<>();
    for (int i = 0; i < rows; i++) {
      int row = i;
      Map<String, HostTensor> one = new LinkedHashMap<>();
      given.forEach((name, tensor) -> one.put(name, tensor.rows(row, 1)));
      run(one, outputs, 1, stopped)
          .forEach(
              (name, value) ->
                  all.computeIfAbsent(
                          name,
                          _ -> HostTensor.allocate(value.type(), value.shape().row().batched(rows)))
                      .rows(row, 1)
                      .data()
                      .copyFrom(value.data()));
    }
    return all;
  }

  private Map<String, HostTensor> run(
      Map<String, HostTensor> given, List<String> outputs, int rows, BooleanSupplier stopped) {
    if (stopped.getAsBoolean()) {
      throw new CancellationException("no caller waits for this any more");
    }
    Map<String, OnnxSession.Result> results = new LinkedHashMap<>();
    for (String output : outputs) {
      OnnxSignature.Tensor tensor = tensor(output);
      results.put(
          tensor.fileName(),
          new OnnxSession.Result(tensor.type(), output(tensor.name()).shape().batched(rows)));
    }
    try (RunOptions options = new RunOptions();
        RunWatch.Run _ = runtime.watch().watch(() -> endIfStopped(options, stopped))) {
      return session.run(given, results, options);
    } catch (OrtException e) {
      if (stopped.getAsBoolean()) {
        throw new CancellationException("no caller waits for this any more");
      }
      if (OnnxFailure.isMemory(e)) {
        throw new ServiceException(
            ErrorCode.TOO_MUCH_MEMORY,
            "The ONNX file needs more memory for these rows than all such files together may use;"
                + " trainyard.predict.loaded-bytes is the limit");
      }
      throw new ServiceException(
          ErrorCode.INVALID_BODY,
          "The ONNX file does not answer these rows: " + OnnxFailure.shown(e));
    }
  }

  private static void endIfStopped(RunOptions options, BooleanSupplier stopped) {
    try {
      if (stopped.getAsBoolean()) {
        options.setTerminate(true);
      }
    } catch (OrtException e) {
      log.warn("A run of ONNX Runtime could not be ended", e);
    }
  }

  private Signature.Tensor output(String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  /** Names before an activation mean the same: its activations lie within the file. */
  private OnnxSignature.Tensor tensor(String output) {
    return Objects.requireNonNull(signature.output(ForwardPlan.layerOf(output)), output);
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    session.close();
  }
}
