package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.loss.Losses;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.search.SquaredErrors;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.engine.weights.TrainedWeights.Slot;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.optimizer.LevenbergMarquardt;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The errors of the losses mse and sse on all rows, and their derivatives J by the weights. Rows
 * don't influence each other. So where only dense layers have weights, one backward pass for each
 * output gives the derivatives by all layers' values before their activations, for many rows at
 * once; those by a kernel are the products with the layer's inputs. Other networks take one
 * backward pass for each row and output.
 *
 * <p>Errors are scaled so that those of the first target are the differences themselves.
 */
final class LeastSquares implements SquaredErrors, AutoCloseable {
  /** The derivatives by one weight: columns of J. */
  private record Block(Layer layer, Tensor weight, long column) {
    boolean isKernel() {
      return weight.dim() > 1;
    }
  }

  private final NativeHandles handles = new NativeHandles();
  private final List<Objective> objectives;
  private final Graph graph;
  private final BatchLoss loss;
  private final List<Block> blocks = new ArrayList<>();
  private final boolean isDense;
  private final Tensor columns;
  private final long errorsOfRow;

  /** The part of the loss that a squared error of the first target has in a row. */
  private final double firstShare;

  private @Nullable ResidentSubset rows;
  private @Nullable StopHook stop;

  /** Those of a plan whose optimizer needs them. */
  static Optional<LeastSquares> of(
      TrainingPlan plan, Graph graph, BatchLoss loss, TrainedWeights weights) {
    return plan.training().optimizer().squaresOnly()
        ? Optional.of(new LeastSquares(plan, graph, loss, weights))
        : Optional.empty();
  }

  private LeastSquares(TrainingPlan plan, Graph graph, BatchLoss loss, TrainedWeights weights) {
    objectives = plan.objectives();
    this.graph = graph;
    this.loss = loss;
    long column = 0;
    for (Slot slot : weights.slots()) {
      Tensor weight = weights.tensor(slot.name());
      blocks.add(new Block(plan.network().layer(slot.layer()), weight, column));
      column += weight.numel();
    }
    boolean shared = plan.network().layers().stream().anyMatch(layer -> layer.share() != null);
    isDense =
        !shared
            && blocks.stream()
                .allMatch(
                    block ->
                        block.layer().spec() instanceof CoreSpec.Dense dense && dense.isPlain());
    errorsOfRow =
        objectives.stream().mapToLong(each -> plan.shapes().of(each.output()).elements()).sum();
    Objective first = objectives.getFirst();
    firstShare = share(first, plan.shapes().of(first.output()).elements());
    try (PointerScope scope = new PointerScope()) {
      columns = handles.keep(weights.positions());
    }
  }

  @Override
  public long count() {
    return errorsOfRow * rows().rows();
  }

  @Override
  public double sum(double value) {
    return value * rows().rows() / firstShare;
  }

  /** Chooses the rows. */
  void on(ResidentSubset subset, @Nullable StopHook stopped) {
    rows = subset;
    stop = stopped;
  }

  private ResidentSubset rows() {
    return Objects.requireNonNull(rows, "rows must be chosen first");
  }

  @Override
  public Tensor columns() {
    return columns;
  }

  @Override
  public double loss() {
    try (PointerScope scope = new PointerScope()) {
      NoGradGuard guard = new NoGradGuard();
      try {
        int all = rows().rows();
        return loss.of(values(0, all), rows().targets(0, all), rows().weights(0, all))
            .total()
            .item_double();
      } finally {
        guard.deallocate();
      }
    }
  }

  private Graph.Values values(int from, int count) {
    return graph.run(rows().inputs(from, count), loss.plan(), ForwardContext.PREDICTION, stop);
  }

  @Override
  public void addTo(Tensor squares, Tensor products) {
    int all = rows().rows();
    int part = isDense ? LevenbergMarquardt.rowsAtATime(columns.numel(), all) : 1;
    try (PointerScope outer = new PointerScope()) {
      Tensor derivatives =
          torch.zeros(part, columns.numel()).to(squares.device(), squares.scalar_type());
      for (int from = 0; from < all; from += part) {
        try (PointerScope scope = new PointerScope()) {
          int count = Math.min(part, all - from);
          add(from, count, derivatives.narrow(0, 0, count), squares, products);
        }
      }
    }
  }

  private void add(int from, int count, Tensor derivatives, Tensor squares, Tensor products) {
    Graph.Values values = values(from, count);
    @Nullable Tensor[] targets = rows().targets(from, count);
    @Nullable Tensor[] roots = rootsOfWeights(from, count);
    for (int i = 0; i < targets.length; i++) {
      Objective objective = objectives.get(i);
      Tensor output = graph.value(values, objective.output());
      Tensor target = Losses.matching(loss.target(objective, values, targets[i]), output);
      Tensor outputs = output.reshape(count, -1);
      Tensor errors = output.detach().sub(target).reshape(count, -1);
      long width = errors.size(1);
      Scalar scale = new Scalar(share(objective, width) / firstShare);
      for (long k = 0; k < width; k++) {
        if (stop != null) {
          stop.check();
        }
        try (PointerScope scope = new PointerScope()) {
          fill(derivatives, values, outputs.select(1, k).sum());
          Tensor error = errors.select(1, k);
          Tensor root = roots[i];
          if (root != null) {
            derivatives.mul_(root.unsqueeze(1));
            error = error.mul(root);
          }
          Tensor transposed = derivatives.t();
          squares.addmm_(transposed, derivatives, new Scalar(1.0), scale);
          products.addmv_(transposed, error, new Scalar(1.0), scale);
        }
      }
    }
  }

  private static double share(Objective objective, long width) {
    return objective.weight() / (objective.loss() instanceof NumberLoss.Sse ? 1 : width);
  }

  /** By objective, √(weight / mean weight) of these rows; null where every row counts the same. */
  private @Nullable Tensor[] rootsOfWeights(int from, int count) {
    @Nullable Tensor[] roots = rows().weights(from, count);
    @Nullable Tensor[] all = rows().weights(0, rows().rows());
    for (int i = 0; i < roots.length; i++) {
      Tensor weights = roots[i];
      if (weights != null) {
        double mean = Losses.sumOf(Objects.requireNonNull(all[i])).item_double() / rows().rows();
        roots[i] = weights.div(new Scalar(mean)).sqrt().to(columnsType());
      }
    }
    return roots;
  }

  private ScalarType columnsType() {
    return blocks.getFirst().weight().scalar_type();
  }

  /** The derivatives of each row's part of a sum over the rows. */
  private void fill(Tensor derivatives, Graph.Values values, Tensor sum) {
    TensorVector by = new TensorVector(blocks.size());
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      by.put(i, isDense ? graph.value(values, block.layer().name() + ":pre") : block.weight());
    }
    TensorVector found =
        torch.grad(
            new TensorVector(sum), by, new TensorVector(), new BoolOptional(true), false, true);
    NoGradGuard guard = new NoGradGuard();
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      Tensor columnsOf = derivatives.narrow(1, block.column(), block.weight().numel());
      Tensor derivative = found.get(i);
      if (!derivative.defined()) {
        columnsOf.zero_();
      } else if (!isDense) {
        columnsOf.copy_(derivative.reshape(1, -1));
      } else {
        fill(columnsOf, block, derivative, values);
      }
    }
    guard.deallocate();
  }

  /** Those by a dense layer's weight, from those by its values before the activation. */
  private void fill(Tensor columnsOf, Block block, Tensor before, Graph.Values values) {
    long count = before.size(0);
    long units = before.size(-1);
    boolean isVector = before.dim() == 2;
    if (!block.isKernel()) {
      columnsOf.copy_(isVector ? before : before.reshape(count, -1, units).sum(1));
      return;
    }
    Tensor input = graph.value(values, block.layer().inputs().getFirst()).detach();
    long width = input.size(-1);
    Tensor kernel = columnsOf.view(count, units, width);
    if (isVector) {
      torch.mul_out(kernel, before.unsqueeze(2), input.unsqueeze(1));
    } else {
      Tensor byPlace = before.reshape(count, -1, units).transpose(1, 2);
      kernel.copy_(byPlace.bmm(input.reshape(count, -1, width)));
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
