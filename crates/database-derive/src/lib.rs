#![doc = include_str!("../README.md")]

use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, parse_macro_input};

/// Reads each field from the column of its name. For structs with named fields.
#[proc_macro_derive(Record)]
pub fn record(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let (Data::Struct(data), name) = (&input.data, &input.ident) else {
        return syn::Error::new_spanned(&input, "a row is read into a struct").to_compile_error().into();
    };
    let Fields::Named(fields) = &data.fields else {
        return syn::Error::new_spanned(&input, "columns have names: the fields need them too")
            .to_compile_error()
            .into();
    };
    let read = fields.named.iter().enumerate().map(|(place, field)| {
        let ident = &field.ident;
        // Where it stands among the fields is where its column usually stands.
        quote!(#ident: row.named(stringify!(#ident), #place)?)
    });
    quote! {
        impl ::plico_database::Record for #name {
            fn read(row: &::plico_database::Row<'_>) -> ::std::result::Result<Self, ::plico_database::Unreadable> {
                ::std::result::Result::Ok(Self { #(#read),* })
            }
        }
    }
    .into()
}
