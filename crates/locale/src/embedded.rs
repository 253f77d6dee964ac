//! The catalogue files, compiled in: a program without its words is of no use.

/// Path below `locales/`, content.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("it/format.ftl", include_str!("../../../locales/it/format.ftl")),
    ("it/admin.ftl", include_str!("../../../locales/it/admin.ftl")),
    ("it/auditor.ftl", include_str!("../../../locales/it/auditor.ftl")),
    ("it/citizen.ftl", include_str!("../../../locales/it/citizen.ftl")),
    ("it/common.ftl", include_str!("../../../locales/it/common.ftl")),
    ("it/office.ftl", include_str!("../../../locales/it/office.ftl")),
    ("it/paper.ftl", include_str!("../../../locales/it/paper.ftl")),
    ("it/public.ftl", include_str!("../../../locales/it/public.ftl")),
    ("it/refusal.ftl", include_str!("../../../locales/it/refusal.ftl")),
    ("en/format.ftl", include_str!("../../../locales/en/format.ftl")),
    ("en/admin.ftl", include_str!("../../../locales/en/admin.ftl")),
    ("en/auditor.ftl", include_str!("../../../locales/en/auditor.ftl")),
    ("en/citizen.ftl", include_str!("../../../locales/en/citizen.ftl")),
    ("en/common.ftl", include_str!("../../../locales/en/common.ftl")),
    ("en/office.ftl", include_str!("../../../locales/en/office.ftl")),
    ("en/paper.ftl", include_str!("../../../locales/en/paper.ftl")),
    ("en/public.ftl", include_str!("../../../locales/en/public.ftl")),
    ("en/refusal.ftl", include_str!("../../../locales/en/refusal.ftl")),
    ("de/format.ftl", include_str!("../../../locales/de/format.ftl")),
    ("fr/format.ftl", include_str!("../../../locales/fr/format.ftl")),
    ("sl/format.ftl", include_str!("../../../locales/sl/format.ftl")),
];
