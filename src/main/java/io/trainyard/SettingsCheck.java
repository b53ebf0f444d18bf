package io.trainyard;

import io.trainyard.error.StartRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.stereotype.Component;

/**
 * Refuses to start with a setting that does not exist or cannot be used, before anything else
 * happens: a typing error would else leave the default in force without a word, and a database
 * would be migrated for a service that does not start. What comes from outside the command line and
 * files may be meant for others, so there a warning suffices.
 */
@Component
final class SettingsCheck implements BeanFactoryPostProcessor, EnvironmentAware {
  private static final String ROOT = "trainyard.";

  /** Variables that belong to clients, to the first start, and to a cluster's service links. */
  private static final Pattern NO_SETTING =
      Pattern.compile(
          "TRAINYARD_(URL|KEY|ADMIN_KEY|JAR|SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_.*)?)");

  /** A setting that does not exist, with the place where it is set. */
  private record Unknown(String name, String place, String advice) {}

  private @Nullable ConfigurableEnvironment environment;

  @Override
  public void setEnvironment(Environment environment) {
    this.environment = (ConfigurableEnvironment) environment;
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    List<Class<?>> holders = new ArrayList<>();
    for (String name : beans.getBeanDefinitionNames()) {
      Class<?> type = beans.getType(name, false);
      if (type != null && type.isRecord()) {
        holders.add(type);
      }
    }
    ConfigurableEnvironment given = Objects.requireNonNull(environment);
    check(given, new KnownSettings(holders));
    Binder binder = Binder.get(given);
    holders.forEach(holder -> bind(binder, holder));
  }

  /** Fails as the holder's bean would later. */
  private static void bind(Binder binder, Class<?> holder) {
    ConfigurationProperties group = holder.getAnnotation(ConfigurationProperties.class);
    if (group != null) {
      var _ =
          binder.bindOrCreate(
              group.value().isEmpty() ? group.prefix() : group.value(), Bindable.of(holder));
    }
  }

  /**
   * Warns about unknown names in variables.
   *
   * @throws StartRefusedException if the command line or a file has unknown names
   */
  static void check(ConfigurableEnvironment environment, KnownSettings known) {
    List<Unknown> refused = new ArrayList<>();
    List<Unknown> ignored = new ArrayList<>();
    List<String> unitless = new ArrayList<>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof EnumerablePropertySource<?> names
          && !source.getName().startsWith(BinaryUnits.SOURCE)) {
        boolean outside =
            Set.of(
                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                    StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)
                .contains(source.getName());
        for (String name : names.getPropertyNames()) {
          String setting = outside ? asSetting(name) : name;
          String text = String.valueOf(source.getProperty(name)).strip();
          if (setting.startsWith(ROOT) && known.lacksUnit(setting, text)) {
            unitless.add(
                "The setting %s is '%s' (%s): a unit is missing, as in %4$sd, %4$sh, %4$sm or %4$ss"
                    .formatted(name, text, place(source, name), text));
          }
          // A file may have the name of a group with nothing in it.
          boolean empty = String.valueOf(source.getProperty(name)).isEmpty();
          if (setting.startsWith(ROOT)
              && !known.has(setting)
              && !(empty && known.isGroup(setting))) {
            (outside ? ignored : refused)
                .add(new Unknown(name, place(source, name), known.advice(setting)));
          }
        }
      }
    }
    if (!ignored.isEmpty()) {
      LoggerFactory.getLogger(SettingsCheck.class)
          .warn("Ignored, because there are no such settings: {}", sentences(ignored));
    }
    if (!refused.isEmpty()) {
      throw new StartRefusedException("There is no setting " + sentences(refused));
    }
    if (!unitless.isEmpty()) {
      throw new StartRefusedException(String.join(". ", unitless));
    }
  }

  /** A variable's name as a setting's; "" for those that are none. */
  private static String asSetting(String name) {
    if (NO_SETTING.matcher(name).matches()) {
      return "";
    }
    return name.startsWith("TRAINYARD_")
        ? name.toLowerCase(Locale.ROOT).replaceFirst("_", ".").replace('_', '-')
        : name;
  }

  private static String place(PropertySource<?> source, String name) {
    if (source instanceof CommandLinePropertySource<?>) {
      return "on the command line";
    }
    return "in "
        + Optional.ofNullable(OriginLookup.getOrigin(source, name))
            .map(Origin::toString)
            .orElse(source.getName());
  }

  private static String sentences(List<Unknown> unknown) {
    return String.join(
        " ",
        unknown.stream()
            .map(each -> each.name() + " (" + each.place() + ")" + each.advice())
            .toList());
  }
}
