package io.trainyard.api.docs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * An operation of the API.
 *
 * @param method in lower case
 * @param handlers the methods that answer it, each with the mapping that leads to it
 * @param texts what {@code operations.json} says about it; missing when it says nothing
 */
record OperationEntry(String method, String path, List<Handler> handlers, JsonNode texts) {

  /** A method of a controller. */
  record Handler(RequestMappingInfo mapping, HandlerMethod method) {}

  OperationEntry {
    // The order in which Spring found them differs between starts.
    handlers =
        handlers.stream()
            .sorted(Comparator.comparing(handler -> handler.method().getMethod().toString()))
            .toList();
  }

  /** Every documented operation: those of this product's controllers but pages and twins. */
  static List<OperationEntry> all(RequestMappingHandlerMapping mappings, String ours) {
    Map<String, JsonNode> texts = new LinkedHashMap<>();
    for (JsonNode operation : DocumentationTexts.operations()) {
      texts.put(operation.get("operation").stringValue(), operation);
    }
    Map<String, OperationEntry> found = new LinkedHashMap<>();
    mappings
        .getHandlerMethods()
        .forEach(
            (mapping, method) -> {
              if (method.getBeanType().getName().startsWith(ours) && !isPage(mapping)) {
                for (RequestMethod verb : mapping.getMethodsCondition().getMethods()) {
                  for (String path : mapping.getPatternValues()) {
                    add(new Handler(mapping, method), verb.name(), path, texts, found);
                  }
                }
              }
            });
    List<String> order = List.copyOf(texts.keySet());
    Comparator<OperationEntry> place =
        Comparator.comparingInt(
            entry -> (order.indexOf(entry.name()) + order.size() + 1) % (order.size() + 1));
    return found.values().stream().sorted(place.thenComparing(OperationEntry::name)).toList();
  }

  private static void add(
      Handler handler,
      String verb,
      String path,
      Map<String, JsonNode> texts,
      Map<String, OperationEntry> found) {
    String name = verb + " " + path;
    JsonNode text = texts.getOrDefault(name, MissingNode.getInstance());
    if (text.path("hidden").asBoolean(false)) {
      return;
    }
    List<Handler> handlers = new ArrayList<>();
    OperationEntry known = found.get(name);
    if (known != null) {
      handlers.addAll(known.handlers());
    }
    handlers.add(handler);
    found.put(name, new OperationEntry(verb.toLowerCase(Locale.ROOT), path, handlers, text));
  }

  private static boolean isPage(RequestMappingInfo mapping) {
    return mapping.getProducesCondition().getProducibleMediaTypes().stream()
            .anyMatch(MediaType.TEXT_HTML::isCompatibleWith)
        || mapping.getPatternValues().stream()
            .anyMatch(
                path ->
                    path.startsWith("/docs")
                        || path.startsWith("/console")
                        || path.startsWith("/v3")
                        || path.equals("/favicon.ico"));
  }

  /** As {@code operations.json} names it: {@code GET /v1/jobs}. */
  String name() {
    return method.toUpperCase(Locale.ROOT) + " " + path;
  }

  /** Whether it answers 304 to a caller that has the present state. */
  boolean comparesState() {
    return method.equals("get") && texts.path("etag").asBoolean(false);
  }

  /** Whether its errors are those of the inference protocol. */
  boolean infers() {
    return path.equals("/v2") || path.startsWith("/v2/");
  }
}
