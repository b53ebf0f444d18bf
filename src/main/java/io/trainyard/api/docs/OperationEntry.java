package io.trainyard.api.docs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
  /** The controllers of this product are below this package. */
  private static final String OURS = "io.trainyard.";

  /** A method of a controller. */
  record Handler(RequestMappingInfo mapping, HandlerMethod method) {}

  OperationEntry {
    // The order in which Spring found them differs between starts.
    handlers =
        handlers.stream()
            .sorted(Comparator.comparing(handler -> handler.method().getMethod().toString()))
            .toList();
  }

  /**
   * Every documented operation: those of this product's controllers but pages and twins. First in
   * the order of {@code operations.json}, then those that it does not know, by name.
   */
  static List<OperationEntry> all(RequestMappingHandlerMapping mappings) {
    Map<String, List<Handler>> handlers = new TreeMap<>();
    mappings
        .getHandlerMethods()
        .forEach(
            (mapping, method) -> {
              if (method.getBeanType().getName().startsWith(OURS) && !isPage(mapping)) {
                for (RequestMethod verb : mapping.getMethodsCondition().getMethods()) {
                  for (String path : mapping.getPatternValues()) {
                    handlers
                        .computeIfAbsent(verb + " " + path, _ -> new ArrayList<>())
                        .add(new Handler(mapping, method));
                  }
                }
              }
            });
    Map<String, JsonNode> texts = new LinkedHashMap<>();
    DocumentationTexts.operations()
        .forEach(operation -> texts.put(operation.get("operation").stringValue(), operation));
    Set<String> names = new LinkedHashSet<>(texts.keySet());
    names.addAll(handlers.keySet());
    return names.stream()
        .filter(handlers::containsKey)
        .map(
            name ->
                of(
                    name,
                    handlers.getOrDefault(name, List.of()),
                    texts.getOrDefault(name, MissingNode.getInstance())))
        .filter(operation -> !operation.texts().path("hidden").asBoolean(false))
        .toList();
  }

  private static OperationEntry of(String name, List<Handler> handlers, JsonNode texts) {
    String[] methodAndPath = name.split(" ", 2);
    return new OperationEntry(
        methodAndPath[0].toLowerCase(Locale.ROOT), methodAndPath[1], handlers, texts);
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
