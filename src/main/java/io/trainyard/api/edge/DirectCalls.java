package io.trainyard.api.edge;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/**
 * Calls a handler that writes its answer itself, as those of predictions do, without Spring's
 * resolvers of arguments: where a request has no query, the arguments are what its path names and
 * the defaults of the parameters. Spring's way there and back is a tenth of a small prediction, and
 * keeps the optimizing compiler busy for a fifth of its time after a start.
 */
final class DirectCalls extends RequestMappingHandlerAdapter {
  private final Map<Method, Optional<DirectCall>> calls = new ConcurrentHashMap<>();

  @Override
  protected @Nullable ModelAndView invokeHandlerMethod(
      HttpServletRequest request, HttpServletResponse response, HandlerMethod handler)
      throws Exception {
    if (request.getQueryString() == null
        && request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
            instanceof Map<?, ?> variables) {
      DirectCall call =
          calls.computeIfAbsent(handler.getMethod(), _ -> DirectCall.of(handler)).orElse(null);
      if (call != null) {
        call.answer(handler.getBean(), request, response, variables);
        return null;
      }
    }
    return super.invokeHandlerMethod(request, response, handler);
  }

  private sealed interface Argument {
    record Variable(String name) implements Argument {}

    record Constant(@Nullable Object value) implements Argument {}

    enum Exchange implements Argument {
      REQUEST,
      RESPONSE
    }
  }

  private record DirectCall(Method method, List<Argument> arguments) {
    /** Empty for a handler that needs more than this. */
    static Optional<DirectCall> of(HandlerMethod handler) {
      List<Argument> arguments = new ArrayList<>();
      for (MethodParameter parameter : handler.getMethodParameters()) {
        Argument argument = argument(parameter);
        if (argument == null) {
          return Optional.empty();
        }
        arguments.add(argument);
      }
      Method method = handler.getMethod();
      if (method.getReturnType() != void.class
          || !arguments.contains(Argument.Exchange.RESPONSE)
          || handler.hasMethodAnnotation(ResponseStatus.class)) {
        return Optional.empty();
      }
      ReflectionUtils.makeAccessible(method);
      return Optional.of(new DirectCall(method, arguments));
    }

    private static @Nullable Argument argument(MethodParameter parameter) {
      Class<?> type = parameter.getParameterType();
      if (type == HttpServletRequest.class) {
        return Argument.Exchange.REQUEST;
      }
      if (type == HttpServletResponse.class) {
        return Argument.Exchange.RESPONSE;
      }
      PathVariable variable = parameter.getParameterAnnotation(PathVariable.class);
      if (variable != null) {
        String name =
            variable.name().isEmpty() ? parameter.getParameter().getName() : variable.name();
        return type == String.class ? new Argument.Variable(name) : null;
      }
      RequestParam query = parameter.getParameterAnnotation(RequestParam.class);
      if (query == null || Map.class.isAssignableFrom(type)) {
        return null;
      }
      if (query.defaultValue().equals(ValueConstants.DEFAULT_NONE)) {
        return query.required() || type.isPrimitive() ? null : new Argument.Constant(null);
      }
      return type == boolean.class
          ? new Argument.Constant(Boolean.valueOf(query.defaultValue()))
          : null;
    }

    void answer(
        Object controller,
        HttpServletRequest request,
        HttpServletResponse response,
        Map<?, ?> variables)
        throws Exception {
      @Nullable Object[] values = new @Nullable Object[arguments.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (arguments.get(i)) {
              case Argument.Variable(String name) -> variables.get(name);
              case Argument.Constant(Object value) -> value;
              case Argument.Exchange.REQUEST -> request;
              case Argument.Exchange.RESPONSE -> response;
            };
      }
      try {
        method.invoke(controller, values);
      } catch (InvocationTargetException e) {
        ReflectionUtils.rethrowException(e.getTargetException());
      }
    }
  }
}
