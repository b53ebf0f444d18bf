package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.NewVersion;
import io.trainyard.model.VersionProof;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Proves versions by computing: one row and three rows, since a batch takes other kernels than a
 * single row, first the network's outputs, which are answered in every form, and then the outputs
 * of all layers. Rows of a file of another tool are compared with the same rows among others. The
 * process does not survive a crash of native code.
 */
public final class TrialPredictions implements VersionProof {
  private static final int[] ROWS = {1, 3};

  /** Outputs of all layers are computed at once only if they stay below this. */
  private static final long MOST_INNER_BYTES = 256L << 20;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final VersionLoader loader;
  private final Executor compute;
  private final Duration limit;
  private final AnswerRoute routes;

  /**
   * @param compute runs work on a compute thread and returns when it is done
   * @param limit how long the computation may take; it ends between two layers
   * @param routes all ways in which predictions are answered
   */
  public TrialPredictions(
      VersionLoader loader, Executor compute, Duration limit, AnswerRoute routes) {
    this.routes = routes;
    this.loader = loader;
    this.compute = compute;
    this.limit = limit;
  }

  @Override
  public boolean prove(NewVersion version) {
    LoadedModel model = loader.load(version.provisional(0));
    long deadline = System.nanoTime() + limit.toNanos();
    BooleanSupplier stopped = () -> System.nanoTime() - deadline > 0;
    boolean foreign = model.definition().spec().network().isForeign();
    AtomicBoolean agrees = new AtomicBoolean(true);
    try {
      compute.execute(
          () -> {
            compute(model, stopped);
            if (foreign) {
              agrees.set(new RowAgreement(model, stopped).holds());
            }
          });
      return agrees.get();
    } catch (CancellationException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          "The network did not answer one row and three rows within " + limit.toSeconds() + " s");
    } finally {
      model.network().evict();
    }
  }

  private void compute(LoadedModel model, BooleanSupplier stopped) {
    for (int rows : ROWS) {
      Map<String, HostTensor> inputs = inputs(model, rows);
      Map<String, HostTensor> outputs =
          model.network().forward(inputs, model.outputsWithMembers(), stopped);
      String fault = routes.fault(model.definition(), outputs, rows);
      if (fault != null) {
        throw new ServiceException(ErrorCode.NOT_ANSWERABLE, fault);
      }
      List<String> inner = inner(model);
      if (model.rowCost(inner).outputBytes() * rows < MOST_INNER_BYTES) {
        var _ = model.network().forward(inputs, inner, stopped);
      }
    }
  }

  private static List<String> inner(LoadedModel model) {
    return List.copyOf(model.definition().shapes().layers().keySet());
  }

  /** Zeros where an embedding looks them up, and small numbers of both signs elsewhere. */
  private static Map<String, HostTensor> inputs(LoadedModel model, int rows) {
    NetworkSpec network = model.definition().spec().network();
    Map<String, HostTensor> inputs = Signature.zeros(model.signature().inputs(), rows);
    inputs.forEach(
        (name, tensor) -> {
          if (!network.leadsToEmbedding(name)) {
            fill(tensor);
          }
        });
    return inputs;
  }

  private static void fill(HostTensor tensor) {
    if (tensor.type() == ElementType.FLOAT32) {
      long count = tensor.data().byteSize() / Float.BYTES;
      for (long i = 0; i < count; i++) {
        tensor.data().setAtIndex(FLOAT, i, (i % 7 - 3) / 8f);
      }
    }
  }
}
