package io.trainyard.model.dense;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network of dense layers in the form of MATLAB's network object. Layers and inputs are numbered
 * in the order of the lists.
 *
 * @param iw row i, column j: the weights from input j to layer i, [out][in]; null without a
 *     connection
 * @param lw row i, column j: the weights from layer j to layer i
 * @param b row i: the biases of layer i
 */
public record MatlabView(
    List<String> inputs,
    List<String> layers,
    List<String> transferFunctions,
    List<List<double @Nullable [][]>> iw,
    List<List<double @Nullable [][]>> lw,
    List<double[]> b) {

  /** The view of a version; CONFLICT when it has other than dense layers. */
  public static MatlabView of(VersionDefinition definition, Map<String, HostTensor> weights) {
    DenseLayers dense = new DenseLayers(definition.spec().network(), weights);
    if (!dense.others().isEmpty() || dense.all().isEmpty()) {
      throw new ServiceException(
          ErrorCode.CONFLICT,
          "IW, LW and b hold dense layers and their activations only; this network also has "
              + dense.others().stream().map(MatlabView::describe).toList());
    }
    List<String> inputs = definition.spec().network().inputNames();
    List<String> layers = dense.all().stream().map(DenseLayers.Dense::name).toList();
    List<String> functions = new ArrayList<>();
    List<List<double @Nullable [][]>> iw = new ArrayList<>();
    List<List<double @Nullable [][]>> lw = new ArrayList<>();
    List<double[]> b = new ArrayList<>();
    for (DenseLayers.Dense layer : dense.all()) {
      functions.add(transferFunction(layer.activation().function()));
      iw.add(cells(inputs, layer));
      lw.add(cells(layers, layer));
      b.add(layer.bias());
    }
    return new MatlabView(inputs, layers, functions, iw, lw, b);
  }

  /** MATLAB's name; the function's own where MATLAB has none. */
  private static String transferFunction(ActivationSpec.Function function) {
    return switch (function) {
      case LINEAR -> "purelin";
      case STEP -> "hardlim";
      case SIGMOID -> "logsig";
      case TANH -> "tansig";
      case RELU -> "poslin";
      case SOFTSIGN -> "elliotsig";
      default -> function.name().toLowerCase(Locale.ROOT);
    };
  }

  private static String describe(Layer layer) {
    return layer.name() + " (" + layer.spec().type() + ")";
  }

  private static List<double @Nullable [][]> cells(List<String> sources, DenseLayers.Dense layer) {
    List<double @Nullable [][]> cells = new ArrayList<>();
    for (String source : sources) {
      cells.add(source.equals(layer.source()) ? layer.weight() : null);
    }
    return Collections.unmodifiableList(cells);
  }
}
