package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.number;
import static io.trainyard.spec.description.MemberSchema.object;
import static io.trainyard.spec.description.MemberSchema.schema;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.description.MemberSchema;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.ExpressionShapes;
import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * y = the caller's expression over the layer's inputs and its parameters, for each row.
 *
 * <p>Shapes: y has the shape of the expression's value, [1] for a single number. Weights: a trained
 * scalar per parameter, under its name.
 *
 * @param text the expression as the caller wrote it
 * @param parameters initial values by name
 */
public record LambdaSpec(String text, Expression expression, Map<String, Double> parameters)
    implements LayerSpec {
  private static final int MAX_PARAMETERS = 100;

  /** Inside an ensemble's member, what comes before the names that the ensemble's inputs have. */
  private static final Pattern MEMBER = Pattern.compile("(.*/)?members/[0-9]+/");

  /** The second name of an input that is the only one. */
  private static final String INPUT = "x";

  public LambdaSpec {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  static @Nullable LayerSpec read(JsonObject layer) {
    String text = layer.requiredText("expression");
    Expression expression =
        layer.hasText("expression")
            ? layer.build(layer.pointer("expression"), () -> Expression.parse(text))
            : null;
    Map<String, Double> parameters = parameters(layer);
    return expression == null ? null : new LambdaSpec(text, expression, parameters);
  }

  private static Map<String, Double> parameters(JsonObject layer) {
    Map<String, Double> parameters = new LinkedHashMap<>();
    JsonObject given = layer.object("parameters");
    if (given == null) {
      return parameters;
    }
    if (given.names().size() > MAX_PARAMETERS) {
      layer.violate(
          "parameters",
          "At most %d were expected, got %d".formatted(MAX_PARAMETERS, given.names().size()));
      return parameters;
    }
    for (String name : given.names()) {
      double first = given.requiredNumber(name);
      if (Layer.checkName(name, "a parameter", given.pointerTo(name), given.violations())) {
        if (Expression.isConstant(name)) {
          given.violate(name, "'" + name + "' is a constant already");
        }
        parameters.put(name, first);
      }
    }
    return parameters;
  }

  /** Whether its value is an input, or elements of one. */
  @Override
  public boolean movesElements() {
    Expression part = expression;
    while (part instanceof Expression.Index index) {
      part = index.of();
    }
    return part instanceof Expression.Variable(String name, int _) && !parameters.containsKey(name);
  }

  @Override
  public boolean dropsElements() {
    return !(expression instanceof Expression.Variable);
  }

  /** The names that the expression may use for inputs, each with the input's position. */
  public Map<String, Integer> places(Layer layer) {
    List<String> inputs = layer.inputs();
    Map<String, Integer> places = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      places.putIfAbsent(written(inputs.get(i), layer.name()), i);
    }
    if (inputs.size() == 1) {
      places.put(INPUT, 0);
    }
    return places;
  }

  /**
   * The name that an input has where the layer was written: the layers of nested models and of an
   * ensemble's members have the path of these before their names.
   */
  private static String written(String input, String layer) {
    String path = layer.substring(0, layer.lastIndexOf(NestedSpec.SEPARATOR) + 1);
    if (input.startsWith(path)) {
      return input.substring(path.length());
    }
    // All members read the same inputs, whose names are outside of them.
    Matcher member = MEMBER.matcher(path);
    String outer = member.matches() ? member.group(1) : null;
    return outer != null && input.startsWith(outer) ? input.substring(outer.length()) : input;
  }

  /** Where shapes fit by chance, and what to write instead; null when there is no such place. */
  public @Nullable String misaligned(Layer layer, List<Shape> shapes) {
    Map<String, Shape> variables = variables(layer, shapes);
    parameters.keySet().forEach(name -> variables.put(name, Shape.SCALAR));
    return infer(variables).misaligned();
  }

  private Map<String, Shape> variables(Layer layer, List<Shape> shapes) {
    Map<String, Shape> variables = new LinkedHashMap<>();
    places(layer).forEach((name, place) -> variables.put(name, shapes.get(place)));
    return variables;
  }

  @Override
  public LayerShape infer(LayerInputs inputs) {
    Map<String, Integer> places = places(inputs.layer());
    Map<String, Shape> variables = variables(inputs.layer(), inputs.shapes());
    List<WeightSpec> weights = new ArrayList<>();
    for (Map.Entry<String, Double> parameter : parameters.entrySet()) {
      String name = parameter.getKey();
      if (variables.put(name, Shape.SCALAR) != null) {
        throw new LayerInputs.MemberFault(
            "parameters", "'" + name + "' names an input and a parameter");
      }
      if (!expression.variables().contains(name)) {
        throw new LayerInputs.MemberFault(
            "parameters", "The expression does not use the parameter '" + name + "'");
      }
      weights.add(inputs.weight(name, new Constant(parameter.getValue()), 1, 1));
    }
    ExpressionShapes found = infer(variables);
    Shape value = found.shape();
    if (Collections.disjoint(expression.variables(), places.keySet())) {
      throw new LayerInputs.MemberFault(
          "expression", "The expression uses none of the inputs " + places.keySet());
    }
    Shape output = value.rank() == 0 ? Shape.of(1) : value;
    String read = inputs.shapes().stream().map(Shape::toString).collect(Collectors.joining(", "));
    String formula = read + " → " + output + "; parameters " + parameters.size();
    // Every node's value stays until the whole expression is computed.
    LayerCost cost =
        LayerCost.of(found.operations()).keeping(found.elements()).operations(found.nodes());
    return new LayerShape(inputs.shapes(), output, weights, formula, cost);
  }

  private ExpressionShapes infer(Map<String, Shape> variables) {
    try {
      return ExpressionShapes.infer(expression, variables);
    } catch (IllegalArgumentException e) {
      throw new LayerInputs.MemberFault("expression", String.valueOf(e.getMessage()));
    }
  }

  /** Whether the gradient misses any of its parameters. */
  @Override
  public boolean hasNoGradient() {
    return !expression.differentiable().containsAll(parameters.keySet());
  }

  @Override
  public boolean passesGradient(Layer layer, int input) {
    Set<String> reached = expression.differentiable();
    return places(layer).entrySet().stream()
        .anyMatch(place -> place.getValue() == input && reached.contains(place.getKey()));
  }

  @Override
  public String gradientStopper() {
    return "a step, floor, sign or comparison of the expression '" + JsonObject.shorten(text) + "'";
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("lambda", LambdaSpec::read);
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Expressions",
        Described.as("lambda", "An expression over the inputs, with trainable scalars.")
            .formula("y = expression")
            .shape("the shape of the expression's value, [1] for a single number")
            .names(null, "keras.layers.Lambda", "functionLayer")
            .source("the expression functions' page")
            .member(
                "expression",
                MemberSchema.text(),
                "Over the inputs by name (x when there is one) and the parameters, for one row.")
            .member(
                "parameters",
                object()
                    .with("additionalProperties", number())
                    .with("maxProperties", MAX_PARAMETERS)
                    .with(
                        "propertyNames", schema().with("pattern", "^[A-Za-z_][A-Za-z0-9_]{0,63}$")),
                "First values of trainable scalars by name.")
            .required("expression")
            .input(4)
            .example("expression", "a * exp(-x^2)")
            .example("parameters", Map.of("a", 1.0)));
  }
}
