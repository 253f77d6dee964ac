//! The catalogue files, compiled in: a program without its words is of no use.

/// Path below `locales/`, content.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("it/format.ftl", include_str!("../../../locales/it/format.ftl")),
    ("it/common.ftl", include_str!("../../../locales/it/common.ftl")),
    ("it/public.ftl", include_str!("../../../locales/it/public.ftl")),
    ("en/format.ftl", include_str!("../../../locales/en/format.ftl")),
    ("en/common.ftl", include_str!("../../../locales/en/common.ftl")),
    ("en/public.ftl", include_str!("../../../locales/en/public.ftl")),
    ("de/format.ftl", include_str!("../../../locales/de/format.ftl")),
    ("fr/format.ftl", include_str!("../../../locales/fr/format.ftl")),
    ("sl/format.ftl", include_str!("../../../locales/sl/format.ftl")),
];
