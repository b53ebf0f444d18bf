package io.trainyard.engine;

import io.trainyard.engine.natives.NativeHandles;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;

/**
 * Adam in one pass over the weights. JavaCPP maps no method for libtorch's fused kernels, but the
 * dispatcher finds them by name.
 */
final class FusedAdam {
  private final OperatorHandle operator;
  private final IValue weights;
  private final IValue gradients;
  private final IValue averages;
  private final IValue squares;
  private final IValue maxima;
  private final IValue stepCounts;
  private final IValue no;
  private final IValue absent;
  private final Tensor steps;
  private final Scalar one;

  /**
   * @param keeper frees what this makes
   */
  FusedAdam(
      String name,
      Tensor weights,
      Tensor gradients,
      Tensor averages,
      Tensor squares,
      Tensor steps,
      NativeHandles keeper) {
    operator = keeper.keep(Dispatcher.singleton().findSchemaOrThrow(name, ""));
    this.weights = list(keeper, weights);
    this.gradients = list(keeper, gradients);
    this.averages = list(keeper, averages);
    this.squares = list(keeper, squares);
    this.maxima = list(keeper);
    this.stepCounts = list(keeper, steps);
    this.no = keeper.keep(new IValue(false));
    this.absent = keeper.keep(new IValue());
    this.steps = steps;
    this.one = keeper.keep(new Scalar(1.0f));
  }

  /** A TensorVector given to IValue would silently be taken for an address. */
  private static IValue list(NativeHandles keeper, Tensor... tensors) {
    GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
    for (Tensor tensor : tensors) {
      list.push_back(new IValue(tensor));
    }
    return keeper.keep(new IValue(list));
  }

  void step(double rate, double beta1, double beta2, double weightDecay, double epsilon) {
    steps.add_(one);
    IValueVector stack = new IValueVector();
    stack.push_back(weights);
    stack.push_back(gradients);
    stack.push_back(averages);
    stack.push_back(squares);
    stack.push_back(maxima);
    stack.push_back(stepCounts);
    stack.push_back(new IValue(rate));
    stack.push_back(new IValue(beta1));
    stack.push_back(new IValue(beta2));
    stack.push_back(new IValue(weightDecay));
    stack.push_back(new IValue(epsilon));
    stack.push_back(no);
    stack.push_back(no);
    stack.push_back(absent);
    stack.push_back(absent);
    operator.callBoxed(stack);
  }
}
