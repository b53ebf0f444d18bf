package io.trainyard.engine.update;

import io.trainyard.engine.natives.NativeHandles;
import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;

/**
 * A kernel of libtorch that makes an optimizer's step in one pass over the weights. JavaCPP has no
 * method for them; the dispatcher finds them by name.
 */
final class FusedKernel {
  private final NativeHandles handles;
  private final OperatorHandle operator;
  private final IValue no;
  private final IValue yes;
  private final IValue absent;

  /**
   * @param name of the operator, such as {@code aten::_fused_adam_}
   * @param handles frees the native objects made here
   */
  FusedKernel(String name, NativeHandles handles) {
    this.handles = handles;
    operator = handles.keep(Dispatcher.singleton().findSchemaOrThrow(name, ""));
    no = handles.keep(new IValue(false));
    yes = handles.keep(new IValue(true));
    absent = handles.keep(new IValue());
  }

  /** A generic list, because {@code new IValue(TensorVector)} silently reads it as an address. */
  IValue list(List<Tensor> tensors) {
    GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
    for (Tensor tensor : tensors) {
      list.push_back(new IValue(tensor));
    }
    return handles.keep(new IValue(list));
  }

  IValue flag(boolean value) {
    return value ? yes : no;
  }

  /** Gradients are not scaled: the last two arguments of every kernel are absent. */
  void call(IValue... arguments) {
    IValueVector stack = new IValueVector();
    for (IValue argument : arguments) {
      stack.push_back(argument);
    }
    stack.push_back(absent);
    stack.push_back(absent);
    operator.callBoxed(stack);
  }
}
