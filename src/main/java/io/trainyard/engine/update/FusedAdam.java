package io.trainyard.engine.update;

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
 * Adam in one pass over the weights. JavaCPP has no method for libtorch's fused kernels; the
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
   * @param name of the operator, such as {@code aten::_fused_adam_}
   * @param handles frees the native objects made here
   */
  FusedAdam(
      String name,
      Tensor weights,
      Tensor gradients,
      Tensor averages,
      Tensor squares,
      Tensor steps,
      NativeHandles handles) {
    operator = handles.keep(Dispatcher.singleton().findSchemaOrThrow(name, ""));
    this.weights = list(handles, weights);
    this.gradients = list(handles, gradients);
    this.averages = list(handles, averages);
    this.squares = list(handles, squares);
    this.maxima = list(handles);
    this.stepCounts = list(handles, steps);
    this.no = handles.keep(new IValue(false));
    this.absent = handles.keep(new IValue());
    this.steps = steps;
    this.one = handles.keep(new Scalar(1.0f));
  }

  /** A generic list, because {@code new IValue(TensorVector)} silently reads it as an address. */
  private static IValue list(NativeHandles handles, Tensor... tensors) {
    GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
    for (Tensor tensor : tensors) {
      list.push_back(new IValue(tensor));
    }
    return handles.keep(new IValue(list));
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
