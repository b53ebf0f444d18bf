package io.trainyard.api;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.annotation.RequestParamMethodArgumentResolver;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.HandlerMethodArgumentResolverComposite;
import org.springframework.web.method.support.InvocableHandlerMethod;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.mvc.method.annotation.ServletRequestMethodArgumentResolver;

/** Arguments of handlers that a factory makes, as {@link FromQuery} says. */
public final class QueryArguments implements HandlerMethodArgumentResolver {
  private final HandlerMethodArgumentResolverComposite ofFactories =
      new HandlerMethodArgumentResolverComposite()
          .addResolvers(
              new RequestParamMethodArgumentResolver(false),
              new ServletRequestMethodArgumentResolver());

  /** The parameters of a handler, with those of the factory in place of what it makes. */
  public static List<MethodParameter> parameters(HandlerMethod handler) {
    return Stream.of(handler.getMethodParameters())
        .flatMap(
            parameter -> {
              Method factory = factory(parameter);
              return factory == null
                  ? Stream.of(parameter)
                  : Stream.of(new HandlerMethod(factory, factory).getMethodParameters());
            })
        .toList();
  }

  private static @Nullable Method factory(MethodParameter argument) {
    return Stream.of(argument.getParameterType().getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(FromQuery.class))
        .findFirst()
        .orElse(null);
  }

  @Override
  public boolean supportsParameter(MethodParameter argument) {
    return factory(argument) != null;
  }

  @Override
  public @Nullable Object resolveArgument(
      MethodParameter argument,
      @Nullable ModelAndViewContainer container,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders)
      throws Exception {
    Method factory = Objects.requireNonNull(factory(argument));
    InvocableHandlerMethod call = new InvocableHandlerMethod(factory, factory);
    call.setHandlerMethodArgumentResolvers(ofFactories);
    call.setDataBinderFactory(Objects.requireNonNull(binders));
    return call.invokeForRequest(request, container);
  }
}
