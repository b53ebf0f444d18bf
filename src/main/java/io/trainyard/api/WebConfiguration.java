package io.trainyard.api;

import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.config.MeterFilter;
import io.trainyard.predict.Practice;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.http.converter.ByteArrayHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.ResourceHttpMessageConverter;
import org.springframework.http.converter.ResourceRegionHttpMessageConverter;
import org.springframework.http.converter.StringHttpMessageConverter;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.http.server.observation.DefaultServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.http.server.observation.ServerRequestObservationConvention;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;
import org.springframework.web.filter.RequestContextFilter;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** Common to all controllers: strict bodies, known parameters, problems from Tomcat too. */
@Configuration(proxyBeanMethods = false)
record WebConfiguration(HttpProperties properties, JsonMapper mapper) implements WebMvcConfigurer {
  /** What Spring's health and metrics call their JSON. */
  private static final MediaType ACTUATOR =
      MediaType.parseMediaType("application/vnd.spring-boot.actuator.v3+json");

  /** Begins with no slash, so that it is the path of no route. */
  private static final String PRACTICE = "practice";

  private static final String URI = "uri";

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
    JsonBodyConverter strict = new JsonBodyConverter((int) properties.maxJson().toBytes());
    // As application/*+json, a caller that accepts problems would get a success labelled as one.
    JacksonJsonHttpMessageConverter json = new JacksonJsonHttpMessageConverter(mapper);
    json.setSupportedMediaTypes(List.of(MediaType.APPLICATION_JSON, ACTUATOR));
    // Only the media types of the contract: no XML, no YAML.
    builder
        .disableDefaults()
        .withJsonConverter(json)
        .addCustomConverter(strict)
        .addCustomConverter(new ByteArrayHttpMessageConverter())
        .addCustomConverter(new StringHttpMessageConverter(StandardCharsets.UTF_8))
        .addCustomConverter(new ResourceHttpMessageConverter())
        .addCustomConverter(new ResourceRegionHttpMessageConverter());
  }

  /** No validation by annotations; a validator would only slow the start. */
  @Override
  public Validator getValidator() {
    return new NoValidation();
  }

  private static final class NoValidation implements Validator {
    @Override
    public boolean supports(Class<?> type) {
      return false;
    }

    @Override
    public void validate(Object target, Errors errors) {}
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.add(new QueryArguments());
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new UnknownParameterCheck());
    registry.addInterceptor(new AcceptCheck());
    registry.addInterceptor(new LogContext());
  }

  /** What {@link Practice} asks has the metrics of a request, and they are not kept. */
  @Bean
  ServerRequestObservationConvention observationsOfCallers() {
    return new DefaultServerRequestObservationConvention() {
      @Override
      public KeyValues getLowCardinalityKeyValues(ServerRequestObservationContext context) {
        KeyValues all = super.getLowCardinalityKeyValues(context);
        return Practice.isOn() ? all.and(URI, PRACTICE) : all;
      }
    };
  }

  @Bean
  MeterFilter metersOfCallers() {
    return MeterFilter.deny(id -> PRACTICE.equals(id.getTag(URI)));
  }

  /** The dispatcher tells each thread its request; no filter before it asks. */
  @Bean
  FilterRegistrationBean<RequestContextFilter> noContextBeforeTheDispatcher() {
    FilterRegistrationBean<RequestContextFilter> none =
        new FilterRegistrationBean<>(new RequestContextFilter());
    none.setEnabled(false);
    return none;
  }

  /**
   * A form is a body like any other: curl's {@code -d} says that its JSON is one, and a parameter
   * that is read before the body would swallow it.
   */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> unreadForms() {
    return factory ->
        factory.addConnectorCustomizers(connector -> connector.setParseBodyMethods(""));
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsFromTomcat() {
    return factory ->
        factory.addContextCustomizers(
            context -> {
              if (context.getParent() instanceof StandardHost host) {
                host.getPipeline().addValve(new ProblemReportValve());
                host.getPipeline().addValve(new CallerValve());
              }
            });
  }
}
